/** A block of the catalog as its file has it: anything may be left out. */
export type Written<Block> = { readonly [Key in keyof Block]?: Block[Key] | undefined };

type Defined<Block> = { [Key in keyof Block]: Exclude<Block[Key], undefined> };

/** Without the keys that are there with nothing in them: they must not win over what stands above them. */
export function definedOf<Block extends object>(block: Block): Defined<Block> {
  const entries = Object.entries(block).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Defined<Block>;
}

/** A block with what it leaves out as it is in the defaults. */
export function withDefaults<Block extends object>(defaults: Block, block: Written<Block>): Block {
  return { ...defaults, ...definedOf(block) };
}
