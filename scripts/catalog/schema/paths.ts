import { format, type Hint, PLACEHOLDER, withPlaceholders } from "./format.ts";

/** How paths in images are written in a catalog. */

const SOME_PATH = `(?!.*/\\.\\.(?:/|$))(?:/(?:[\\w.+@%~,-]|${PLACEHOLDER})+)+$`;
const PATH_HINTS: readonly Hint[] = [
  [/\s/, "without spaces"],
  [/\/\.\.(\/|$)/, "without .."],
  [/.\/$/, "without a slash at the end"],
];

/** An absolute path without `..`, of characters that need no quotes in a shell. */
export const ABSOLUTE_PATH = withPlaceholders(
  format(new RegExp(`^${SOME_PATH}|^/$`), 'an absolute path such as "/opt/app"', PATH_HINTS),
);

/** Where something may be put into an image: not where a container sees something else, nor through a link. */
export const OWN_PATH = withPlaceholders(
  format(
    new RegExp(`^(?!/(?:proc|sys|dev|var/run)(?:/|$))${SOME_PATH}`),
    'an absolute path such as "/opt/app"',
    [
      [/^\/var\/run(\/|$)/, "this is a link to /run"],
      [/^\/(proc|sys|dev)(\/|$)/, "a container has something of its own there"],
      ...PATH_HINTS,
    ],
  ),
);

/** Paths to remove: absolute, without `..`, with a shell's `*`, `?` and `[…]`, and not all there is. */
export const PATH_PATTERN = withPlaceholders(
  format(
    new RegExp(
      // That the first folder has a letter in it is looked for apart: a pattern with two such loops would try all ways.
      `^(?!.*/\\.\\.(?:/|$))(?=/(?:[\\w.+@%~,*?[\\]-]|${PLACEHOLDER})*\\w)/(?:[\\w.+@%~,*?[\\]/-]|${PLACEHOLDER})*$`,
    ),
    'an absolute path, in which * and ? may stand, such as "/usr/share/man"',
    [
      [/\s/, "without spaces"],
      [/\/\.\.(\/|$)/, "without .."],
    ],
  ),
);

const LINK_PART = `(?:[\\w.+@%~,-]|${PLACEHOLDER})+`;

/** Where a link points: an absolute path, or one from the folder that the link is in. */
export const LINK_TARGET = withPlaceholders(
  format(
    new RegExp(`^(?![-~])/?${LINK_PART}(?:/${LINK_PART})*$`),
    'a path such as "python3" or "/usr/bin/node"',
    [
      [/\s/, "without spaces"],
      [/^-/, "a program would take it for an option: put ./ before it"],
      [/^~/, "a shell would take it for somebody's home: put ./ before it"],
    ],
  ),
);
