/** A surface put together from what is told of it, message by message. */
import type { DescentTold, SurfaceTold } from "./api";

const COLUMNS = ["n_steps", "cost", "seconds", "n_examples", "length", "cosine", "angle"] as const;

/** Return a descent with what is new of it; steps that are told again take the place of themselves. */
function withSteps(old: DescentTold, news: DescentTold): DescentTold {
  const first = news.n_steps[0] ?? old.n_steps.length;
  const whole = { ...news };
  for (const column of COLUMNS) whole[column] = [...old[column].slice(0, first), ...news[column]];
  return whole;
}

/** Return a surface with what is new of it. */
export function merged(old: SurfaceTold | null, news: SurfaceTold): SurfaceTold {
  if (news.begins || old?.id !== news.id) return news;
  return {
    ...news,
    descents: news.descents.map((descent, i) => {
      const before = old.descents[i];
      return before ? withSteps(before, descent) : descent;
    }),
    plane: news.plane ?? old.plane,
    first_row: 0,
    rows: [...old.rows.slice(0, news.first_row), ...news.rows],
  };
}
