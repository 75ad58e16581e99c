import type { VerifyCodes } from "./verify-code.ts";

const RECEIVE = `# body: the bytes of the request as they arrived. headers: with names in lower case.
def receive(body: bytes, headers):`;

const CHECK_TIME = `    message_id, timestamp = headers["webhook-id"], headers["webhook-timestamp"]
    # Nobody can send an old message once more.
    if abs(time.time() - int(timestamp)) > 300:
        raise ValueError("The message is too old or too new")
    signed = f"{message_id}.{timestamp}.".encode() + body`;

export const PYTHON: VerifyCodes = {
  library: {
    install: "pip install standardwebhooks",
    code: `import os

from standardwebhooks import Webhook

webhook = Webhook(os.environ["WEBHOOK_SECRET"])  # whsec_…


${RECEIVE}
    return webhook.verify(body, headers)
`,
  },
  plain: {
    code: `import base64
import hashlib
import hmac
import json
import os
import time

KEY = base64.b64decode(os.environ["WEBHOOK_SECRET"].removeprefix("whsec_"))


${RECEIVE}
${CHECK_TIME}
    expected = base64.b64encode(hmac.digest(KEY, signed, hashlib.sha256))
    # There are two signatures while a secret is being changed.
    for part in headers["webhook-signature"].split():
        version, _, signature = part.partition(",")
        if version == "v1" and hmac.compare_digest(signature.encode(), expected):
            return json.loads(body)
    raise ValueError("The signature is wrong")
`,
  },
  publicKey: {
    install: "pip install cryptography",
    code: `import base64
import json
import time

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

KEY = Ed25519PublicKey.from_public_bytes(base64.b64decode("whpk_PUBLIC_KEY".removeprefix("whpk_")))


${RECEIVE}
${CHECK_TIME}
    # There are two signatures while a key is being changed.
    for part in headers["webhook-signature"].split():
        version, _, signature = part.partition(",")
        try:
            if version == "v1a":
                KEY.verify(base64.b64decode(signature), signed)
                return json.loads(body)
        except InvalidSignature:
            continue
    raise ValueError("The signature is wrong")
`,
  },
};
