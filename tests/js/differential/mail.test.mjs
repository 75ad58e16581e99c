import { PASSWORD, form, raw, signIn, suite } from '../lib/differential.mjs';
import { OPEN, collection, id, record } from '../lib/fields.mjs';

const C = '/api/collections';
const U = `${C}/users`;
const SU = 'superuser';
const person = (/** @type {string} */ name, into = 'users', more = {}) =>
  record(into, { id: id(name), email: `${name}@example.com`, password: PASSWORD, passwordConfirm: PASSWORD, ...more });

const VERIFY = { token: /confirm-verification\/([\w.-]+)/ };
const RESET = { token: /confirm-password-reset\/([\w.-]+)/ };
const CHANGE = { token: /confirm-email-change\/([\w.-]+)/ };
const OTP = { code: />(\d{4,})</ };

const invalid = { message: 'An error occurred while validating the submitted data.' };
const noContext = { message: 'Missing or invalid auth collection context.', data: {} };
const isForm = { why: 'a form cannot tell 5 from "5", so neither do we', status: 400 };
/** Both servers use the same templates here. */
const templates = { otp: { emailTemplate: { subject: 'custom code', body: 'custom <b>{OTP}</b> {OTP_ID}' } } };

const setup = [
  [200, SU, `PATCH ${U}`, { viewRule: 'id = @request.auth.id', ...templates }],
  ...['ann', 'bob', 'cat', 'dan', 'eve', 'fay', 'gus'].map((name) => person(name)),
  collection('nopass', [], { type: 'auth', ...OPEN, passwordAuth: { enabled: false }, otp: { enabled: true, ...templates.otp } }),
  person('nop', 'nopass'),
  person('nov', 'nopass', { verified: true }),
  collection('both', [], { type: 'auth', ...OPEN, otp: { enabled: true, length: 6, ...templates.otp }, mfa: { enabled: true } }),
  person('mia', 'both'),
  person('max', 'both'),
  collection('plain', [], OPEN),
  signIn('ann', 'users', 'ann@example.com'),
  signIn('bob', 'users', 'bob@example.com'),
  signIn('eve', 'users', 'eve@example.com'),
];

/** A link to a provider's account that was made before the address was verified. It must not give access afterwards. */
const link = (/** @type {string} */ name) =>
  record('_externalAuths', { id: id(`l${name}`), collectionRef: '_pb_users_auth_', recordRef: id(name), provider: 'github', providerId: name });
const noLink = (/** @type {string} */ name) =>
  /** @type {import('../lib/differential.mjs').Case} */ ([404, SU, `GET ${C}/_externalAuths/records/${id(`l${name}`)}`, undefined, { name: `a link of ${name} made before is gone` }]);

const flows = ['request-otp', 'auth-with-otp', 'request-verification', 'confirm-verification', 'request-password-reset', 'confirm-password-reset', 'confirm-email-change'];

suite(
  'mails and codes',
  setup,
  {
    'where they are not': [
      ...flows.map((flow) => /** @type {import('../lib/differential.mjs').Case} */ ([404, 'guest', `POST ${C}/plain/${flow}`, {}, { body: noContext }])),
      ...flows.map((flow) => /** @type {import('../lib/differential.mjs').Case} */ ([404, SU, `POST ${C}/nope/${flow}`, {}])),
      [401, 'guest', `POST ${C}/plain/request-email-change`, {}],
      [404, 'guest', `POST ${C}/nope/request-email-change`, {}],
      [403, 'guest', `POST ${U}/request-otp`, {}],
      [403, 'guest', `POST ${U}/auth-with-otp`, {}],
      [400, 'guest', `POST ${C}/nopass/request-password-reset`, {}],
      [400, 'guest', `POST ${C}/_superusers/request-verification`, { email: 'root@example.com' }],
      [400, 'guest', `POST ${C}/_superusers/confirm-verification`, {}],
      [400, 'guest', `POST ${C}/_superusers/confirm-email-change`, {}],
      [400, SU, `POST ${C}/_superusers/request-email-change`, { newEmail: 'x@example.com' }],
      [401, 'guest', `POST ${C}/_superusers/request-email-change`, { newEmail: 'x@example.com' }],
      [403, 'ann', `POST ${C}/_superusers/request-email-change`, { newEmail: 'x@example.com' }],
      [403, SU, `POST ${U}/request-email-change`, { newEmail: 'x@example.com' }],
      [401, 'bad', `POST ${U}/request-email-change`, { newEmail: 'x@example.com' }],
    ],
    'what forms say': [
      ...['request-verification', 'request-password-reset'].flatMap((flow) => /** @type {import('../lib/differential.mjs').Case[]} */ ([
        [400, 'guest', `POST ${U}/${flow}`, {}, { codes: 'email:validation_required', body: invalid }],
        [400, 'guest', `POST ${U}/${flow}`, { email: 'x' }, { codes: 'email:validation_is_email' }],
        [400, 'guest', `POST ${U}/${flow}`, { email: `${'a'.repeat(300)}@x.com` }, { codes: 'email:validation_length_out_of_range' }],
        [400, 'guest', `POST ${U}/${flow}`, { email: 5 }, { differs: isForm }],
        [400, 'guest', `POST ${U}/${flow}`, { email: ['a@b.com'] }],
        [400, 'guest', `POST ${U}/${flow}`, raw('application/json', '{')],
        [204, 'guest', `POST ${U}/${flow}`, { email: 'nobody@example.com' }],
        [204, 'guest', `POST ${U}/${flow}`, form({ email: 'nobody@example.com' })],
      ])),
      [400, 'guest', `POST ${U}/confirm-verification`, {}, { codes: 'token:validation_required' }],
      [400, 'guest', `POST ${U}/confirm-verification`, { token: 'x' }, { codes: 'token:validation_invalid_token_claims' }],
      [400, 'guest', `POST ${U}/confirm-verification`, { token: '{{ann}}' }, { codes: 'token:validation_invalid_token_claims' }],
      [400, 'guest', `POST ${U}/confirm-password-reset`, {}, { codes: 'password:validation_required passwordConfirm:validation_required token:validation_required' }],
      [400, 'guest', `POST ${U}/confirm-password-reset`, { token: '{{ann}}', password: '1', passwordConfirm: '2' }, { codes: 'password:validation_length_out_of_range passwordConfirm:validation_values_mismatch token:validation_invalid_token' }],
      [400, 'guest', `POST ${U}/confirm-password-reset`, { token: 'x', password: 'x'.repeat(256), passwordConfirm: '' }, { codes: 'password:validation_length_out_of_range passwordConfirm:validation_required token:validation_invalid_token' }],
      [400, 'guest', `POST ${U}/confirm-email-change`, {}, { codes: 'password:validation_required token:validation_required' }],
      [400, 'guest', `POST ${U}/confirm-email-change`, { token: '{{ann}}', password: PASSWORD }, { codes: 'password:validation_invalid_password token:validation_invalid_token_payload' }],
      [400, 'guest', `POST ${U}/confirm-email-change`, { token: 'x' }, { codes: 'password:validation_required token:validation_invalid_token_payload' }],
      [400, 'ann', `POST ${U}/request-email-change`, {}, { codes: 'newEmail:validation_required' }],
      [400, 'ann', `POST ${U}/request-email-change`, { newEmail: 'x' }, { codes: 'newEmail:validation_is_email' }],
      [400, 'ann', `POST ${U}/request-email-change`, { newEmail: 'ann@example.com' }, { codes: 'newEmail:validation_not_in_invalid' }],
      [400, 'ann', `POST ${U}/request-email-change`, { newEmail: 'bob@example.com' }, { codes: 'newEmail:validation_invalid_new_email' }],
      [400, 'guest', `POST ${C}/nopass/request-otp`, {}, { codes: 'email:validation_required' }],
      [400, 'guest', `POST ${C}/nopass/request-otp`, { email: 'x' }, { codes: 'email:validation_is_email' }],
      [200, 'guest', `POST ${C}/nopass/request-otp`, { email: 'nobody@example.com' }, { shapes: { otpId: /^[a-z0-9]{15}$/ } }],
      [200, 'guest', `POST ${C}/nopass/request-otp`, { email: 'nobody@example.com' }, { query: { fields: 'nope' }, body: {} }],
      [400, 'guest', `POST ${C}/nopass/auth-with-otp`, {}, { codes: 'otpId:validation_required password:validation_required' }],
      [400, 'guest', `POST ${C}/nopass/auth-with-otp`, { otpId: 'x'.repeat(256), password: '1'.repeat(72) }, { codes: 'otpId:validation_length_out_of_range password:validation_length_out_of_range' }],
      [400, 'guest', `POST ${C}/nopass/auth-with-otp`, { otpId: 'x', password: '1' }, { codes: '-' }],
    ],
    verification: [
      [204, 'guest', `POST ${U}/request-verification`, { email: 'ann@example.com' }, { mail: VERIFY }],
      [400, 'guest', `POST ${C}/nopass/confirm-verification`, { token: '{{token}}' }, { codes: 'token:validation_token_collection_mismatch' }],
      [400, 'guest', `POST ${U}/confirm-password-reset`, { token: '{{token}}', password: PASSWORD, passwordConfirm: PASSWORD }, { codes: 'token:validation_invalid_token' }],
      [400, 'guest', `POST ${U}/confirm-email-change`, { token: '{{token}}', password: PASSWORD }, { codes: 'password:validation_invalid_password token:validation_invalid_token_payload' }],
      [204, 'guest', `POST ${U}/confirm-verification`, { token: '{{token}}' }],
      [204, 'guest', `POST ${U}/confirm-verification`, { token: '{{token}}' }, { name: 'again' }],
      [200, 'ann', `GET ${U}/records/${id('ann')}`, undefined, { body: { verified: true } }],
      [204, 'guest', `POST ${U}/request-verification`, { email: 'ann@example.com' }, { name: 'verified already' }],
      [204, 'guest', `POST ${C}/nopass/request-verification`, { email: 'nop@example.com' }, { mail: VERIFY }],
      [204, 'guest', `POST ${C}/nopass/confirm-verification`, { token: '{{token}}' }],
      [400, 'guest', `POST ${C}/nopass/confirm-verification`, { token: '{{token}}' }, { name: 'again, where its password was replaced', codes: 'token:validation_invalid_token' }],
      link('eve'),
      [204, 'guest', `POST ${U}/request-verification`, { email: 'eve@example.com' }, { mail: VERIFY }],
      [204, 'guest', `POST ${U}/confirm-verification`, { token: '{{token}}' }],
      noLink('eve'),
      [401, 'eve', `POST ${U}/auth-refresh`],
    ],
    'a new password': [
      link('bob'),
      [204, 'guest', `POST ${U}/request-password-reset`, { email: 'bob@example.com' }, { mail: RESET }],
      [400, 'guest', `POST ${U}/confirm-verification`, { token: '{{token}}' }, { codes: 'token:validation_invalid_token' }],
      [400, 'guest', `POST ${C}/_superusers/confirm-password-reset`, { token: '{{token}}', password: 'a new one', passwordConfirm: 'a new one' }, { codes: 'token:validation_token_collection_mismatch' }],
      [400, 'guest', `POST ${U}/confirm-password-reset`, { token: '{{token}}', password: 'short', passwordConfirm: 'short' }, { codes: 'password:validation_length_out_of_range' }],
      [200, 'bob', `POST ${U}/auth-refresh`],
      [204, 'guest', `POST ${U}/confirm-password-reset`, { token: '{{token}}', password: 'a new one', passwordConfirm: 'a new one' }],
      [401, 'bob', `POST ${U}/auth-refresh`],
      noLink('bob'),
      [200, 'guest', `POST ${U}/auth-with-password`, { identity: 'bob@example.com', password: 'a new one' }, { body: { record: { verified: true } } }],
      [400, 'guest', `POST ${U}/confirm-password-reset`, { token: '{{token}}', password: 'a new one', passwordConfirm: 'a new one' }, { name: 'again', codes: 'token:validation_invalid_token' }],
      [204, 'guest', `POST ${C}/_superusers/request-password-reset`, { email: 'root@example.com' }, { mail: RESET }],
    ],
    'a new address': [
      signIn('cat', 'users', 'cat@example.com'),
      link('cat'),
      [204, 'cat', `POST ${U}/request-email-change`, { newEmail: 'new@example.com' }, { mail: CHANGE }],
      [400, 'guest', `POST ${U}/confirm-email-change`, { token: '{{token}}', password: 'wrong' }, { codes: 'password:validation_invalid_password' }],
      [400, 'guest', `POST ${C}/nopass/confirm-email-change`, { token: '{{token}}', password: PASSWORD }, { codes: 'password:validation_invalid_password token:validation_token_collection_mismatch' }],
      [200, SU, `PATCH ${U}/records/${id('dan')}`, { email: 'new@example.com' }],
      [400, 'guest', `POST ${U}/confirm-email-change`, { token: '{{token}}', password: PASSWORD }, { codes: 'password:validation_invalid_password token:validation_invalid_token_email' }],
      [200, SU, `PATCH ${U}/records/${id('dan')}`, { email: 'dan@example.com' }],
      [204, 'guest', `POST ${U}/confirm-email-change`, { token: '{{token}}', password: PASSWORD }],
      [401, 'cat', `POST ${U}/auth-refresh`],
      noLink('cat'),
      [200, 'guest', `POST ${U}/auth-with-password`, { identity: 'new@example.com', password: PASSWORD }, { body: { record: { verified: true } } }],
      [400, 'guest', `POST ${U}/confirm-email-change`, { token: '{{token}}', password: PASSWORD }, { name: 'again', codes: 'password:validation_invalid_password token:validation_invalid_token' }],
    ],
    'one-time codes': [
      [200, SU, `PATCH ${U}`, { otp: { enabled: true } }],
      link('fay'),
      [200, 'guest', `POST ${U}/request-otp`, { email: 'fay@example.com' }, { save: { otpId: 'otpId' }, mail: OTP }],
      [400, 'guest', `POST ${C}/nopass/auth-with-otp`, { otpId: '{{otpId}}', password: '{{code}}' }, { codes: '-' }],
      [400, 'guest', `POST ${U}/auth-with-otp`, { otpId: '{{otpId}}', password: 'wrong' }, { codes: '-' }],
      [200, 'guest', `POST ${U}/auth-with-otp`, { otpId: '{{otpId}}', password: '{{code}}' }, { body: { record: { verified: true } } }],
      [400, 'guest', `POST ${U}/auth-with-otp`, { otpId: '{{otpId}}', password: '{{code}}' }, { name: 'again', codes: '-' }],
      [400, 'guest', `POST ${U}/auth-with-password`, { identity: 'fay@example.com', password: PASSWORD }, { name: 'the password of before is gone' }],
      noLink('fay'),
      [200, 'guest', `POST ${U}/request-otp`, { email: 'gus@example.com' }, { save: { otpId: 'otpId' }, mail: OTP }],
      ...Array.from({ length: 5 }, (_, i) => /** @type {import('../lib/differential.mjs').Case} */ ([400, 'guest', `POST ${U}/auth-with-otp`, { otpId: '{{otpId}}', password: `wrong${i}` }])),
      [429, 'guest', `POST ${U}/auth-with-otp`, { otpId: '{{otpId}}', password: '{{code}}' }, { name: 'the sixth attempt' }],
    ],
    'second factor': [
      [401, 'guest', `POST ${C}/both/auth-with-password`, { identity: 'mia@example.com', password: PASSWORD }, { save: { mfaId: 'mfaId' } }],
      [400, 'guest', `POST ${C}/both/auth-with-password`, { identity: 'mia@example.com', password: PASSWORD, mfaId: '{{mfaId}}' }],
      [200, 'guest', `POST ${C}/both/request-otp`, { email: 'mia@example.com' }, { save: { otpId: 'otpId' }, mail: OTP }],
      [400, 'guest', `POST ${C}/both/auth-with-otp`, { otpId: '{{otpId}}', password: '{{code}}', mfaId: 'unknown' }],
      [400, 'guest', `POST ${C}/both/auth-with-otp`, { otpId: '{{otpId}}', password: '{{code}}', mfaId: '{{mfaId}}' }, { name: 'a code is used up by a wrong session' }],
      [200, 'guest', `POST ${C}/both/request-otp`, { email: 'max@example.com' }, { save: { otpId: 'otpId' }, mail: OTP }],
      [400, 'guest', `POST ${C}/both/auth-with-otp`, { otpId: '{{otpId}}', password: '{{code}}', mfaId: '{{mfaId}}' }, { name: "another one's session" }],
      [200, 'guest', `POST ${C}/both/request-otp`, { email: 'mia@example.com' }, { save: { otpId: 'otpId' }, mail: OTP }],
      [200, 'guest', `POST ${C}/both/auth-with-otp`, { otpId: '{{otpId}}', password: '{{code}}' }, { query: { mfaId: '{{mfaId}}', fields: 'token,record.id' } }],
      [200, 'guest', `POST ${C}/both/request-otp`, { email: 'mia@example.com' }, { save: { otpId: 'otpId' }, mail: OTP }],
      [401, 'guest', `POST ${C}/both/auth-with-otp`, { otpId: '{{otpId}}', password: '{{code}}' }, { save: { mfaId: 'mfaId' } }],
      [200, 'guest', `POST ${C}/both/auth-with-password`, { identity: 'mia@example.com', password: PASSWORD, mfaId: '{{mfaId}}' }],
    ],
    'trying the settings': [
      ...['verification', 'password-reset', 'email-change', 'otp', 'login-alert'].map((template) =>
        /** @type {import('../lib/differential.mjs').Case} */ ([204, SU, 'POST /api/settings/test/email', { email: 'me@example.com', template, collection: 'users' }, { mail: { to: /To: (me@example\.com)/ } }])),
      [200, SU, `PATCH ${U}`, { verificationTemplate: { subject: 'custom subject', body: 'custom <i>{RECORD:name}</i> {TOKEN}' } }, { query: { fields: 'name' } }],
      [204, SU, 'POST /api/settings/test/email', { email: 'me@example.com', template: 'verification', collection: 'users' }, { name: 'what a text holds is made up', mail: { made: /<i>([^<]+)<\/i>/ } }],
      [204, SU, 'POST /api/settings/test/email', { email: 'me@example.com', template: 'otp' }, { mail: { to: /To: (me@example\.com)/ } }],
      [400, SU, 'POST /api/settings/test/email', {}, { codes: 'email:validation_required template:validation_required' }],
      [400, SU, 'POST /api/settings/test/email', { email: 'x', template: 'x' }, { codes: 'email:validation_is_email template:validation_in_invalid' }],
      [400, SU, 'POST /api/settings/test/email', { email: 'me@example.com', template: 'otp', collection: 'plain' }, { codes: 'collection:validation_invalid_auth_collection' }],
      [401, 'guest', 'POST /api/settings/test/email', { email: 'me@example.com', template: 'otp' }],
      [403, 'ann', 'POST /api/settings/test/email', { email: 'me@example.com', template: 'otp' }],
      [200, SU, 'PATCH /api/settings', { smtp: { host: '127.0.0.1', port: 1 } }, { query: { fields: 'smtp.port' } }],
      [400, SU, 'POST /api/settings/test/email', { email: 'me@example.com', template: 'otp' }, { body: { message: /^Failed to send the test email\. Raw error: \n/ } }],
    ],
  },
  { mail: true },
);
