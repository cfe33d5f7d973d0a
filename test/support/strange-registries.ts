/** How registries answer that are not as the specification has it: one switch for each public report of it. */

export interface StrangeRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface StrangeAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** Answers a request in its own way; undefined where it answers as all others do. */
export type Strangeness = (request: StrangeRequest) => StrangeAnswer | undefined;

const PAGE = { headers: { "content-type": "text/html" }, body: "<html><p>Not here</p></html>" };
const error = (code: string, message: string) => ({
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ errors: [{ code, message }] }),
});

/** Asks about what is attached are answered so. Reports: go-containerregistry 1962, harbor 18305, quay 3071. */
export const referrersAnswer =
  (answer: StrangeAnswer): Strangeness =>
  ({ path }) =>
    path.includes("/referrers/") ? answer : undefined;

/** What a registry may say to that; with 200, a page of a proxy that sends everything unknown to its start. */
export const NO_REFERRERS: readonly StrangeAnswer[] = [
  ...[400, 404, 405, 406, 410, 415, 422, 501].map((status) => ({ status, ...PAGE })),
  { status: 404, ...error("NOT_FOUND", "no such route") },
  { status: 405, ...error("UNSUPPORTED", "The operation is unsupported.") },
  { status: 500, ...PAGE },
  { status: 200, ...PAGE },
  { status: 200, headers: { "content-type": "application/json" }, body: "{}" },
  { status: 200, headers: { "content-type": "application/vnd.oci.image.index.v1+json" }, body: "null" },
];

/** Mounting is answered so. Reports: oras 1892, kaniko 1013. */
export const mountAnswer =
  (answer: StrangeAnswer): Strangeness =>
  ({ method, path }) =>
    method === "POST" && path.includes("mount=") ? answer : undefined;

/** Deleting is answered so. Report: skopeo 1880. */
export const deleteAnswer =
  (answer: StrangeAnswer): Strangeness =>
  ({ method }) =>
    method === "DELETE" ? answer : undefined;

export const NO_DELETES: readonly StrangeAnswer[] = [
  { status: 405, ...error("UNSUPPORTED", "The operation is unsupported.") },
  { status: 405, ...PAGE },
  { status: 501, ...PAGE },
  { status: 400, ...error("UNSUPPORTED", "The operation is unsupported.") },
];

/**
 * An index that names indexes is refused, as Quay and gcr.io do. Reports: acorn 951, rules_oci 241.
 * @param bodyOf what was sent with the request
 */
export const refusesNestedIndexes =
  <Request extends StrangeRequest>(bodyOf: (request: Request) => Buffer) =>
  (request: Request): StrangeAnswer | undefined => {
    if (request.method !== "PUT" || !request.path.includes("/manifests/")) return undefined;
    const { manifests } = JSON.parse(bodyOf(request).toString("utf8")) as {
      manifests?: readonly { mediaType: string }[];
    };
    if (!manifests?.some(({ mediaType }) => mediaType.includes("index"))) return undefined;
    return { status: 400, ...error("MANIFEST_INVALID", "manifest invalid") };
  };

/** The first of several that has an answer of its own. */
export const allOf =
  (...all: readonly Strangeness[]): Strangeness =>
  (request) => {
    for (const one of all) {
      const answer = one(request);
      if (answer) return answer;
    }
    return undefined;
  };
