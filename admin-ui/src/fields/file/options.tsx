import { Button } from "#ui/button.tsx";
import { SwitchField } from "#ui/switch-field.tsx";
import { TokensField } from "#ui/tokens-field.tsx";
import { UnitField } from "#ui/unit-field.tsx";
import { words } from "#words/words.ts";
import type { FieldOptions, OptionsProps } from "../field-options.ts";
import { HowMany } from "../how-many.tsx";
import { FILE_TYPE_SETS } from "./mime-types.ts";

const SETS = ["images", "documents", "audio", "video", "archives"] as const;

function FileOptions(props: OptionsProps) {
  const { field, errors, onChange } = props;
  const say = words().fieldOptions;
  return (
    <>
      <HowMany {...props} />
      <UnitField
        label={say.fileSize}
        value={field.maxSize ?? 0}
        placeholder="5"
        units={say.bytes}
        unitLabel={say.unit}
        error={errors.maxSize}
        onChange={(maxSize) => onChange({ maxSize })}
      />
      <SwitchField
        label={say.isProtected}
        hint={say.isProtectedHint}
        isOn={field.protected === true}
        onChange={(isProtected) => onChange({ protected: isProtected })}
      />
    </>
  );
}

function FileAdvanced({ field, errors, onChange }: OptionsProps) {
  const say = words().fieldOptions;
  const types = field.mimeTypes ?? [];
  return (
    <>
      <TokensField
        label={say.fileTypes}
        hint={say.fileTypesHint}
        placeholder="image/png"
        values={types}
        error={errors.mimeTypes}
        removeLabel={say.removeValue}
        onChange={(mimeTypes) => onChange({ mimeTypes })}
      />
      <div className="flex flex-wrap gap-1.5">
        {SETS.map((set) => (
          <Button
            key={set}
            className="h-8! px-2.5! text-[13px]!"
            onClick={() => onChange({ mimeTypes: [...new Set([...types, ...FILE_TYPE_SETS[set]])] })}
          >
            + {say.fileTypeSets[set]}
          </Button>
        ))}
      </div>
      <TokensField
        label={say.thumbs}
        hint={say.thumbsHint}
        placeholder="200x200"
        values={field.thumbs ?? []}
        error={Object.entries(errors).find(([path]) => path.startsWith("thumbs"))?.[1]}
        removeLabel={say.removeValue}
        onChange={(thumbs) => onChange({ thumbs })}
      />
    </>
  );
}

export const fileOptions: FieldOptions = {
  defaults: { maxSelect: 1, maxSize: 0, mimeTypes: [], thumbs: [], protected: false },
  Options: FileOptions,
  Advanced: FileAdvanced,
};
