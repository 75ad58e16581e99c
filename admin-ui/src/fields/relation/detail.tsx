import { asHref, paths } from "#lib/paths.ts";
import { Nothing } from "#ui/nothing.tsx";
import { TextLink } from "#ui/text-link.tsx";
import type { ValueProps } from "../field-kind.ts";
import { useRelated } from "./related.ts";

export function RelationDetail(props: ValueProps) {
  const related = useRelated(props);
  if (related.length === 0) return <Nothing />;
  return (
    <ul className="flex flex-col gap-1">
      {related.map(({ id, name, collectionName }) => (
        <li key={id}>
          {collectionName ? (
            <TextLink href={asHref(paths.records(collectionName, { record: id }))}>{name}</TextLink>
          ) : (
            name
          )}
        </li>
      ))}
    </ul>
  );
}
