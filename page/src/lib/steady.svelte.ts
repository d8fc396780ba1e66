/** Values that change only when they say something else. */

/**
 * Return a value that is made anew whenever what it is made of changes, and that stays the same object as long as its
 * JSON is the same: what reads it is told of another one only.
 */
export function steady<T>(make: () => T): () => T {
  let kept: { value: T; text: string } | null = null;
  const now = $derived.by(() => {
    const value = make();
    const text = JSON.stringify(value);
    if (!kept || kept.text !== text) kept = { value, text };
    return kept.value;
  });
  return () => now;
}
