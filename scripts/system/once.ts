/** Makes something when it is first asked for with these words, and gives the same afterwards. */
export function once<Words extends readonly string[], T>(
  make: (...words: Words) => T,
): (...words: Words) => T {
  const made = new Map<string, T>();
  return (...words) => {
    const key = words.join(" ");
    const known = made.has(key) ? (made.get(key) as T) : make(...words);
    made.set(key, known);
    return known;
  };
}
