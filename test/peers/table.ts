/** What vitest writes as JSON, as far as it is looked at here. */
export interface TestResults {
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[];
      readonly title: string;
      readonly status: string;
    }[];
  }[];
}

/** How a peer was asked, and what came of it. */
export interface CountedPeer {
  readonly name: string;
  readonly version: string;
  readonly checks: number;
  readonly passed: number;
  readonly asked: readonly string[];
}

/** Counts the checks of each peer that could be had. Their tests stand under a title such as `crane 0.20.7`. Pure. */
export function countPeers({ testResults }: TestResults): CountedPeer[] {
  const tests = testResults
    .filter(({ name }) => name.includes("test/peers/"))
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status === "passed" || status === "failed");
  const titles = [...new Set(tests.map(({ ancestorTitles: [title = ""] }) => title))];
  return titles.toSorted().map((title) => {
    const own = tests.filter(({ ancestorTitles }) => ancestorTitles[0] === title);
    const space = title.lastIndexOf(" ");
    return {
      name: title.slice(0, space),
      version: title.slice(space + 1),
      checks: own.length,
      passed: own.filter(({ status }) => status === "passed").length,
      asked: own.map((test) => test.title),
    };
  });
}

/** Reads peer and passed checks back out of the table of the page. */
export function readTable(page: string): Pick<CountedPeer, "name" | "passed">[] {
  return [...page.matchAll(/^\| ([a-z][^|]*?) +\|[^|]*\| +\d+ \| +(\d+) \|/gm)].map(
    ([, name = "", passed = ""]) => ({
      name,
      passed: Number(passed),
    }),
  );
}

/** A line for each peer that was asked and passes fewer checks than the page says. One that was not asked is left out. */
export function missingChecks(
  told: readonly Pick<CountedPeer, "name" | "passed">[],
  found: readonly CountedPeer[],
): string[] {
  return told.flatMap(({ name, passed }) => {
    const now = found.find((peer) => peer.name === name);
    if (!now || now.passed >= passed) return [];
    return [
      `${name} passes ${now.passed} checks, and docs/peers.md says ${passed}: mend it, or run make peers`,
    ];
  });
}
