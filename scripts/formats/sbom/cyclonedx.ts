/**
 * What we use of OWASP's library. Whoever loads it lazily loads this file: of a library in CommonJS a bundle with several
 * parts knows no names.
 */
export { Enums, Models, Serialize, SPDX, Spec } from "@cyclonedx/cyclonedx-library";
