import { attachedDocument, inspectTarget } from "../app/inspect.ts";
import type { EngineOptions, SessionOptions } from "../app/options.ts";
import { notePending } from "../app/pending.ts";
import { printResult } from "../app/result.ts";
import { withSession } from "../app/session.ts";
import { selectTargets } from "../catalog/targets/select.ts";
import { inspectedJson, inspectedText } from "../report/targets.ts";
import { UserError } from "../system/errors.ts";
import { printDocument } from "../system/shown/output.ts";

interface InspectOptions extends SessionOptions, Pick<EngineOptions, "platform"> {
  readonly sbom: boolean;
  readonly provenance: boolean;
  readonly vex: boolean;
}

/** Shows what published targets hold, or the document that is attached to one of them, to the letter. */
export function inspect(patterns: string[], options: InspectOptions): Promise<void> {
  const { platform } = options;
  const which = (["sbom", "provenance", "vex"] as const).find((name) => options[name]);
  return withSession(options, async (session) => {
    await notePending(session);
    const targets = selectTargets(session.catalog.targets, patterns);
    if (which) {
      const [target, ...others] = targets;
      if (!target || others.length > 0) {
        throw new UserError(
          `--${which} shows one document, and ${patterns.join(" ")} means ${targets.length} targets`,
          "name one, such as node:22",
        );
      }
      printDocument(await attachedDocument(session, target, which, platform?.[0]));
      return;
    }
    const found = await Promise.all(targets.map((target) => inspectTarget(session, target)));
    printResult(
      options,
      "inspect",
      (width) => found.map((one) => inspectedText(one, width)).join("\n\n"),
      () => ({ inspected: found.map((one) => inspectedJson(one)) }),
    );
  });
}
