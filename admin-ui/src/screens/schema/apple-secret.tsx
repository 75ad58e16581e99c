/** Apple's secret is a token signed with the developer's key; the server makes it. */

import { useState } from "react";
import { explain } from "#api/errors.ts";
import { makeAppleSecret } from "#api/schema.ts";
import { Button } from "#ui/button.tsx";
import { Disclosure } from "#ui/disclosure.tsx";
import { Notice } from "#ui/notice.tsx";
import { NumberField } from "#ui/number-field.tsx";
import { TextAreaField, TextField } from "#ui/text-field.tsx";
import { words } from "#words/words.ts";

const DAY_SECONDS = 86_400;
/** Apple accepts no secret that is valid for longer than half a year. */
const MAX_DAYS = 180;

export function AppleSecret({ clientId, onMade }: { clientId: string; onMade: (secret: string) => void }) {
  const say = words().authOptions;
  const [teamId, setTeamId] = useState("");
  const [keyId, setKeyId] = useState("");
  const [privateKey, setPrivateKey] = useState("");
  const [days, setDays] = useState(MAX_DAYS);
  const [problem, setProblem] = useState<{ message: string; fields: Record<string, string> }>();
  const make = async () => {
    try {
      onMade(await makeAppleSecret({ clientId, teamId, keyId, privateKey, duration: days * DAY_SECONDS }));
      setProblem(undefined);
      setPrivateKey("");
    } catch (error) {
      setProblem(explain(error));
    }
  };
  return (
    <Disclosure label={say.appleSecret}>
      <div className="flex flex-col gap-4">
        <p className="text-sm text-ink-soft">{say.appleLead}</p>
        <div className="grid gap-4 sm:grid-cols-3">
          <TextField
            label={say.appleTeam}
            value={teamId}
            error={problem?.fields.teamId}
            onChange={(event) => setTeamId(event.target.value)}
          />
          <TextField
            label={say.appleKeyId}
            value={keyId}
            error={problem?.fields.keyId}
            onChange={(event) => setKeyId(event.target.value)}
          />
          <NumberField
            label={say.appleDays}
            value={days}
            error={problem?.fields.duration}
            isWhole
            onChange={(value) => setDays(Math.min(MAX_DAYS, value ?? MAX_DAYS))}
          />
        </div>
        <TextAreaField
          label={say.appleKey}
          value={privateKey}
          error={problem?.fields.privateKey}
          isCode
          rows={4}
          onChange={(event) => setPrivateKey(event.target.value)}
        />
        {problem && <Notice tone="danger">{problem.fields.clientId ?? problem.message}</Notice>}
        <div>
          <Button onClick={make}>{say.appleMake}</Button>
        </div>
      </div>
    </Disclosure>
  );
}
