import { suite } from '../lib/differential.mjs';
import { collection, text } from '../lib/fields.mjs';

const SU = 'superuser';
const C = '/api/collections';

const setup = [collection('people', [text('nick'), text('handle'), text('open')], { type: 'auth', indexes: ['create unique index nick_ix on people (nick)', 'create unique index pair_ix on people (handle, nick)', 'create index open_ix on people (open)'] })];

const ok = (/** @type {object} */ change, /** @type {object} */ body = change, options = {}) => [
  200,
  SU,
  `PATCH ${C}/people`,
  change,
  { query: { fields: Object.keys(change).join(',') }, body, ...options },
];
const no = (/** @type {object} */ change, /** @type {string} */ codes, options = {}) => [400, SU, `PATCH ${C}/people`, change, { codes, body: { message: 'Failed to update collection.' }, ...options }];
const provider = { name: 'github', clientId: 'cid', clientSecret: 'secret' };
const oidc = { name: 'oidc', clientId: 'cid', clientSecret: 'secret', authURL: 'https://idp.example/auth', tokenURL: 'https://idp.example/token' };
const oauth2 = (/** @type {unknown[]} */ providers, more = {}) => ({ oauth2: { enabled: true, providers, ...more } });
const shown = (/** @type {string} */ name) => ({ name, clientId: 'cid' });

suite('auth options of collections', setup, {
  defaults: [[200, SU, `GET ${C}/people`]],
  rules: [
    ok({ authRule: 'nick != ""' }),
    ok({ authRule: null }),
    ok({ authRule: '' }),
    no({ authRule: 'nope = 1' }, 'authRule:validation_invalid_rule'),
    ok({ manageRule: '@request.auth.nick = "boss"' }),
    no({ manageRule: '' }, 'manageRule:validation_nil_or_not_empty_required'),
    no({ manageRule: 'nope = 1' }, 'manageRule:validation_invalid_rule'),
    ok({ manageRule: null }),
  ],
  passwordAuth: [
    ok({ passwordAuth: { enabled: true, identityFields: ['email', 'nick'] } }),
    ok({ passwordAuth: { enabled: false } }, { passwordAuth: { enabled: false, identityFields: ['email', 'nick'] } }),
    ok({ passwordAuth: { enabled: true, identityFields: ['email'] } }),
    no({ passwordAuth: { enabled: true, identityFields: [] } }, 'passwordAuth.identityFields:validation_required'),
    no({ passwordAuth: { enabled: true, identityFields: ['nope'] } }, 'passwordAuth.identityFields:validation_missing_field'),
    no({ passwordAuth: { enabled: true, identityFields: ['handle'] } }, 'passwordAuth.identityFields:validation_missing_unique_constraint'),
    no({ passwordAuth: { enabled: true, identityFields: ['open'] } }, 'passwordAuth.identityFields:validation_missing_unique_constraint'),
    no({ passwordAuth: { enabled: true, identityFields: ['email', 'email', 'nope'] } }, 'passwordAuth.identityFields:validation_missing_field'),
  ],
  'otp and mfa': [
    ok({ otp: { enabled: true } }, { otp: { enabled: true, duration: 180, length: 8 } }),
    ok({ otp: { duration: 10, length: 4, emailTemplate: { subject: 'custom subject', body: 'custom body {OTP}' } } }),
    no({ otp: { duration: 9 } }, 'otp.duration:validation_min_greater_equal_than_required'),
    no({ otp: { duration: 86401 } }, 'otp.duration:validation_max_less_equal_than_required'),
    no({ otp: { duration: 0 } }, 'otp.duration:validation_required'),
    no({ otp: { length: 3 } }, 'otp.length:validation_min_greater_equal_than_required'),
    no({ otp: { length: 0 } }, 'otp.length:validation_required'),
    no({ otp: { emailTemplate: { subject: '', body: '' } } }, 'otp.emailTemplate.subject:validation_required otp.emailTemplate.body:validation_required'),
    ok({ mfa: { enabled: true, rule: 'nick != ""' } }, { mfa: { enabled: true, duration: 600, rule: 'nick != ""' } }),
    no({ mfa: { duration: 9 } }, 'mfa.duration:validation_min_greater_equal_than_required'),
    no({ mfa: { duration: 86401 } }, 'mfa.duration:validation_max_less_equal_than_required'),
    no({ mfa: { rule: 'nope = 1' } }, 'mfa.rule:validation_invalid_rule'),
    no({ otp: { enabled: false } }, 'mfa.enabled:validation_mfa_not_enough_auths'),
    ok({ mfa: { enabled: false, duration: 0, rule: '' }, otp: { enabled: false, duration: 0 } }, undefined, { name: 'what is off is not checked' }),
    ok({ mfa: { duration: 600 }, otp: { duration: 180, length: 8 } }),
  ],
  tokens: [
    ok({ authToken: { duration: 10 } }),
    ok({ authToken: { duration: 94670856 }, fileToken: { duration: 60 }, verificationToken: { duration: 61 }, passwordResetToken: { duration: 62 }, emailChangeToken: { duration: 63 } }),
    no({ authToken: { duration: 9 } }, 'authToken.duration:validation_min_greater_equal_than_required'),
    no({ authToken: { duration: 94670857 } }, 'authToken.duration:validation_max_less_equal_than_required'),
    no({ authToken: { duration: 0 } }, 'authToken.duration:validation_required'),
    no({ fileToken: { duration: -1 } }, 'fileToken.duration:validation_min_greater_equal_than_required'),
    ok({ authToken: { secret: 'x'.repeat(30) } }, { authToken: { duration: 94670856 } }),
    no({ authToken: { secret: 'x'.repeat(29) } }, 'authToken.secret:validation_length_out_of_range'),
    no({ authToken: { secret: 'x'.repeat(256) } }, 'authToken.secret:validation_length_out_of_range'),
    no({ authToken: { secret: '' } }, 'authToken.secret:validation_required', { name: 'an empty token secret' }),
  ],
  templates: [
    ok({ verificationTemplate: { subject: 'custom {APP_NAME}', body: 'custom {TOKEN}' } }),
    ok({ verificationTemplate: { subject: 'custom only the subject' } }, { verificationTemplate: { subject: 'custom only the subject', body: 'custom {TOKEN}' } }),
    no({ resetPasswordTemplate: { subject: '', body: '' } }, 'resetPasswordTemplate.subject:validation_required resetPasswordTemplate.body:validation_required'),
    no({ confirmEmailChangeTemplate: { body: '' } }, 'confirmEmailChangeTemplate.body:validation_required'),
    ok({ authAlert: { enabled: false, emailTemplate: { subject: 'custom alert', body: 'custom {ALERT_INFO}' } } }),
    no({ authAlert: { emailTemplate: { subject: '' } } }, 'authAlert.emailTemplate.subject:validation_required'),
  ],
  oauth2: [
    ok(oauth2([provider]), { oauth2: { enabled: true, providers: [shown('github')] } }),
    ok(oauth2([{ name: 'github', clientId: 'cid', displayName: 'Hub' }, oidc]), { oauth2: { providers: [shown('github'), shown('oidc')] } }),
    ok(oauth2([oidc, { name: 'github' }]), { oauth2: { providers: [shown('oidc'), { name: 'github', clientId: 'cid', displayName: 'Hub' }] } }, { name: 'providers keep by name what the payload omits' }),
    ok(oauth2([{ name: 'oidc', pkce: false, extra: { issuers: ['a'], jwksURL: 'https://idp.example/keys' } }]), { oauth2: { providers: [{ name: 'oidc', pkce: false, clientId: 'cid' }] } }),
    [200, SU, `PATCH ${C}/people`, oauth2([{ name: 'oidc', tokenURL: 'https://elsewhere.example/token' }]), { query: { fields: 'oauth2' }, differs: { why: 'the stored secret is not sent elsewhere', status: 400, body: { data: { oauth2: { providers: { 0: { clientSecret: { code: 'validation_required' } } } } } } } }],
    ok(oauth2([{ name: 'oidc', tokenURL: 'https://elsewhere.example/token', clientSecret: 'secret' }]), { oauth2: { enabled: true } }, { name: 'with the secret again' }),
    no(oauth2([{ name: 'github', clientId: 'cid' }]), 'oauth2.providers.0.clientSecret:validation_required', { name: 'a provider that was removed has no secret any more' }),
    no(oauth2([{ ...provider, name: 'nope' }]), 'oauth2.providers.0.name:validation_missing_provider'),
    no(oauth2([provider, provider]), 'oauth2.providers.1.name:validation_duplicated_provider'),
    no(oauth2([{ name: 'google' }]), 'oauth2.providers.0.clientId:validation_required oauth2.providers.0.clientSecret:validation_required'),
    no(oauth2([{ ...provider, authURL: 'not a url' }]), 'oauth2.providers.0.authURL:validation_is_url'),
    no(oauth2([{ ...provider, tokenURL: 'x y', userInfoURL: 'x y' }]), 'oauth2.providers.0.tokenURL:validation_is_url oauth2.providers.0.userInfoURL:validation_is_url'),
    no(oauth2([{ clientId: 'a', clientSecret: 'b' }]), 'oauth2.providers.0.name:validation_required'),
    ok({ oauth2: { mappedFields: { id: 'nick', name: 'nope', username: 'handle', avatarURL: '' } } }, { oauth2: { mappedFields: { id: 'nick', name: '', username: 'handle', avatarURL: '' } } }),
    ok({ oauth2: { enabled: false } }, { oauth2: { enabled: false, providers: [{ name: 'oidc' }] } }),
    ok(oauth2([], { enabled: false }), { oauth2: { providers: [] } }),
  ],
  'system fields and indexes come back': [
    [200, SU, `PATCH ${C}/people`, { fields: [text('nick'), text('handle')], indexes: ['create unique index nick_ix on people (nick)'] }, { query: { fields: 'fields,indexes' } }],
    [400, SU, `PATCH ${C}/people`, { fields: [text('nick'), text('passwordConfirm')] }, { codes: 'fields.2.name:validation_reserved_field_name', name: 'passwordConfirm is reserved' }],
    [400, SU, 'POST /api/collections', { name: 'more', type: 'auth', fields: [text('oldPassword')] }, { name: 'oldPassword is reserved' }],
    ...['email', 'verified', 'tokenKey', 'password', 'emailVisibility'].map((name) => [
      200,
      SU,
      'POST /api/collections',
      { name: `own_${name}`, type: 'auth', fields: [{ type: 'number', name }, text('x')] },
      { query: { fields: 'fields.name,fields.type,fields.required,fields.hidden,fields.system' }, name: `${name} is made what it has to be` },
    ]),
    [200, SU, 'POST /api/collections', { name: 'optional', type: 'auth', fields: [{ type: 'email', name: 'email', system: true, required: false }, { type: 'password', name: 'password', system: true, hidden: true, required: true, min: 4, cost: 5 }] }, { query: { fields: 'fields' } }],
    [200, SU, `PATCH ${C}/optional`, { indexes: [] }, { query: { fields: 'indexes' }, name: 'the unique indexes are put back' }],
    [400, SU, `PATCH ${C}/optional`, { indexes: ['create unique index idx_email_{{people}} on optional (email)'] }, { name: 'an index name of another collection' }],
    [200, SU, `PATCH ${C}/optional`, { indexes: ['create unique index mail_ci on optional (email collate nocase)', 'create unique index key_ci on optional (tokenKey)'] }, { query: { fields: 'indexes' }, name: 'own unique indexes over the system fields' }],
    [200, SU, `PATCH ${C}/optional`, { indexes: ['create index mail_plain on optional (email)'] }, { query: { fields: 'indexes' }, name: 'a plain index does not replace the unique one' }],
  ],
});
