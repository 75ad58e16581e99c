import type { VerifyCodes } from "./verify-code.ts";

const RECEIVE = `// $body: file_get_contents('php://input'). $headers: array_change_key_case(getallheaders()).
function receive(string $body, array $headers): array
{`;

const CHECK_TIME = `    $id = $headers['webhook-id'] ?? '';
    $timestamp = $headers['webhook-timestamp'] ?? '';
    // Nobody can send an old message once more.
    if (abs(time() - (int) $timestamp) > 300) {
        throw new RuntimeException('The message is too old or too new');
    }
    $signed = "$id.$timestamp.$body";`;

export const PHP: VerifyCodes = {
  library: {
    install: "composer require standard-webhooks/standard-webhooks",
    code: `<?php
require __DIR__ . '/vendor/autoload.php';

${RECEIVE}
    $webhook = new StandardWebhooks\\Webhook(getenv('WEBHOOK_SECRET')); // whsec_…
    return $webhook->verify($body, $headers);
}
`,
  },
  plain: {
    code: `<?php

${RECEIVE}
    $key = base64_decode(str_replace('whsec_', '', getenv('WEBHOOK_SECRET')));
${CHECK_TIME}
    $expected = base64_encode(hash_hmac('sha256', $signed, $key, true));
    // There are two signatures while a secret is being changed.
    foreach (explode(' ', $headers['webhook-signature'] ?? '') as $part) {
        [$version, $signature] = explode(',', $part, 2) + ['', ''];
        if ($version === 'v1' && hash_equals($expected, $signature)) {
            return json_decode($body, true, 512, JSON_THROW_ON_ERROR);
        }
    }
    throw new RuntimeException('The signature is wrong');
}
`,
  },
  publicKey: {
    code: `<?php

const PUBLIC_KEY = 'whpk_PUBLIC_KEY';

${RECEIVE}
    $key = base64_decode(str_replace('whpk_', '', PUBLIC_KEY));
${CHECK_TIME}
    // There are two signatures while a key is being changed.
    foreach (explode(' ', $headers['webhook-signature'] ?? '') as $part) {
        [$version, $text] = explode(',', $part, 2) + ['', ''];
        $signature = base64_decode($text);
        if ($version === 'v1a' && strlen($signature) === SODIUM_CRYPTO_SIGN_BYTES
            && sodium_crypto_sign_verify_detached($signature, $signed, $key)) {
            return json_decode($body, true, 512, JSON_THROW_ON_ERROR);
        }
    }
    throw new RuntimeException('The signature is wrong');
}
`,
  },
};
