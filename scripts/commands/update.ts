import type { SessionOptions } from "../app/options.ts";
import { printResult } from "../app/result.ts";
import { withSession } from "../app/session.ts";
import { decisionsOf, findCatalogChanges, writeCatalogChanges } from "../app/update-catalog.ts";
import { updateText } from "../report/changes-text.ts";
import { isEdit } from "../update/situation.ts";
import { readWritten } from "../update/written.ts";

interface UpdateOptions extends SessionOptions {
  /** Make the changes, and render. */
  readonly write: boolean;
  /** The table of changes as Markdown. */
  readonly markdown: boolean;
}

/** Asks Alpine which branch carries which version, and shows what to change in the catalog, or changes it. */
export function update(patterns: string[], options: UpdateOptions): Promise<void> {
  const { catalog: file, markdown } = options;
  return withSession(options, async (session) => {
    const catalog = await readWritten(file);
    const findings = await findCatalogChanges(session, catalog, patterns);
    const { changes, carried, supported, problems } = findings;
    const edits = changes.filter((one) => isEdit(one));
    const decisions = markdown ? await decisionsOf(catalog, edits) : undefined;
    const isWritten = options.write && edits.length > 0;
    if (isWritten) await writeCatalogChanges(session, catalog, edits);
    // Whoever relies on the answer must see that it is not complete.
    if (problems.length > 0) process.exitCode = 1;
    const isNamed = patterns.length > 0;
    printResult(
      options,
      "update",
      (width) =>
        updateText(findings, session.today, {
          catalog: file,
          markdown,
          isNamed,
          isWritten,
          width,
          decisions,
        }),
      () => ({
        branches: supported.map(({ name, eol }) => ({ branch: name, endOfLife: eol })),
        versions: carried,
        changes: changes.map((change) => ({ ...change, editable: isEdit(change) })),
        problems,
        written: isWritten,
      }),
    );
  });
}
