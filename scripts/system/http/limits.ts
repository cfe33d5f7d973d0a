/** What no request exceeds, whatever a server does. Times in milliseconds, sizes in bytes. */

const SECOND = 1000;
const KIB = 1024;
const MIB = 1024 * KIB;

export const LIMITS = {
  /** Until there is a connection, a proxy's and TLS among it. */
  connect: 10 * SECOND,
  /** Until the first byte of an answer, or from one to the next; of what is sent, too. */
  idle: 60 * SECOND,
  /** Bytes in a second that a blob brings at least, in any stretch of that length. */
  pace: KIB,
  /** For a document, from the moment that it has a connection. */
  document: 120 * SECOND,
  /** Of an answer that is kept in memory, where nobody knows better. */
  body: 32 * MIB,
  /** Of an answer that is not a good one: its first words are shown. */
  refusal: 64 * KIB,
  /** Connections to one server; more requests than this wait their turn. */
  connections: 16,
  redirects: 5,
  /** Of one list. */
  pages: 1000,
} as const;

/**
 * A manifest or an index. Source: OCI distribution specification 1.1, "Pushing Manifests": registries should take
 * those of 4 MiB, and need not take longer ones.
 */
export const MANIFEST_LIMIT = 4 * MIB;

/** Characters of a header that are read: all headers of an answer together have to be shorter (Node's own bound). */
export const HEADER_LIMIT = 16 * KIB;

/** Bytes in a second that the slowest network we put up with carries. */
const SLOWEST = 16 * KIB;

/** How long something of a known size may take. */
export function deadlineFor(size: number): number {
  return LIMITS.document + (size / SLOWEST) * SECOND;
}
