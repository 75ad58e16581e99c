import type { VerifyCodes } from "./verify-code.ts";

const RECEIVE = `// Receive returns the body of a genuine request. Call it before anything else reads the body.
func Receive(r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 10<<20))
	if err != nil {
		return nil, err
	}`;

const CHECK_TIME = `	id, timestamp := r.Header.Get("webhook-id"), r.Header.Get("webhook-timestamp")
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	// Nobody can send an old message once more.
	if age := time.Since(time.Unix(seconds, 0)); err != nil || age > 5*time.Minute || age < -5*time.Minute {
		return nil, errors.New("the message is too old or too new")
	}
	signed := append([]byte(id+"."+timestamp+"."), body...)`;

export const GO: VerifyCodes = {
  library: {
    install: "go get github.com/standard-webhooks/standard-webhooks/libraries",
    code: `package receiver

import (
	"io"
	"net/http"
	"os"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

${RECEIVE}
	webhook, err := standardwebhooks.NewWebhook(os.Getenv("WEBHOOK_SECRET")) // whsec_…
	if err != nil {
		return nil, err
	}
	return body, webhook.Verify(body, r.Header)
}
`,
  },
  plain: {
    code: `package receiver

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

${RECEIVE}
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(os.Getenv("WEBHOOK_SECRET"), "whsec_"))
	if err != nil {
		return nil, err
	}
${CHECK_TIME}
	mac := hmac.New(sha256.New, key)
	mac.Write(signed)
	expected := mac.Sum(nil)
	// There are two signatures while a secret is being changed.
	for _, part := range strings.Fields(r.Header.Get("webhook-signature")) {
		version, text, _ := strings.Cut(part, ",")
		signature, err := base64.StdEncoding.DecodeString(text)
		if version == "v1" && err == nil && hmac.Equal(signature, expected) {
			return body, nil
		}
	}
	return nil, errors.New("the signature is wrong")
}
`,
  },
  publicKey: {
    code: `package receiver

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const publicKey = "whpk_PUBLIC_KEY"

${RECEIVE}
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(publicKey, "whpk_"))
	if err != nil {
		return nil, err
	}
${CHECK_TIME}
	// There are two signatures while a key is being changed.
	for _, part := range strings.Fields(r.Header.Get("webhook-signature")) {
		version, text, _ := strings.Cut(part, ",")
		signature, err := base64.StdEncoding.DecodeString(text)
		if version == "v1a" && err == nil && ed25519.Verify(key, signed, signature) {
			return body, nil
		}
	}
	return nil, errors.New("the signature is wrong")
}
`,
  },
};
