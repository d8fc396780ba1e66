/** Where the diagram puts its circles and dots; wide layers are elided where the told neurons' numbers jump. */

/** A neuron's place in the picture. */
export interface Spot {
  layer: number;
  neuron: number;
  /** Which of the layer's told numbers are this neuron's. */
  at: number;
  x: number;
  y: number;
}

/** Dots that stand for neurons left out. */
export interface Gap {
  x: number;
  y: number;
  count: number;
}

export interface Column {
  layer: number;
  size: number;
  x: number;
  radius: number;
  pitch: number;
  spots: Spot[];
  gaps: Gap[];
}

export interface Plan {
  width: number;
  height: number;
  columns: Column[];
}

/** What a layer's place depends on. */
export interface Shape {
  size: number;
  shown: number[];
}

export const HEAD_PX = 52;
const FOOT_PX = 10;
/** A neuron is a button, and a finger needs 32 px. */
const PITCH_PX = 34;
const WIDEST_PITCH_PX = 54;
const LEFT_PX = 30;
const NARROW_PX = 520;

type Slot = { neuron: number; at: number } | { left: number };

/** Return a layer's neurons in order, with a slot for the dots wherever some are left out. */
export function slotsOf({ size, shown }: Shape): Slot[] {
  const slots: Slot[] = [];
  let next = 0;
  shown.forEach((neuron, at) => {
    if (neuron > next) slots.push({ left: neuron - next });
    slots.push({ neuron, at });
    next = neuron + 1;
  });
  if (next < size) slots.push({ left: size - next });
  return slots;
}

/** Return how much room the outputs' labels and bars take on the right. */
export const outputsRoom = (width: number): number => (width < NARROW_PX ? 84 : 148);

/** Return the plan of a network's picture that is so many pixels wide. */
export function planOf(shapes: Shape[], width: number): Plan {
  const slots = shapes.map(slotsOf);
  const most = Math.max(1, ...slots.map((column) => column.length));
  const body = most * PITCH_PX;
  const right = width - outputsRoom(width);
  const step = shapes.length > 1 ? (right - LEFT_PX) / (shapes.length - 1) : 0;
  const columns = shapes.map((shape, layer): Column => {
    const mine = slots[layer] ?? [];
    const pitch = Math.min(WIDEST_PITCH_PX, body / Math.max(1, mine.length));
    const top = HEAD_PX + (body - pitch * mine.length) / 2 + pitch / 2;
    const x = LEFT_PX + step * layer;
    const column: Column = { layer, size: shape.size, x, radius: radiusOf(layer, width), pitch, spots: [], gaps: [] };
    mine.forEach((slot, i) => {
      const y = top + pitch * i;
      if ("left" in slot) column.gaps.push({ x, y, count: slot.left });
      else column.spots.push({ layer, ...slot, x, y });
    });
    return column;
  });
  return { width, height: HEAD_PX + body + FOOT_PX, columns };
}

function radiusOf(layer: number, width: number): number {
  if (layer === 0) return width < NARROW_PX ? 6 : 8;
  return width < NARROW_PX ? 10 : 13;
}

export const keyOf = (layer: number, neuron: number): string => `${layer}.${neuron}`;

export type Direction = "up" | "down" | "left" | "right";

/** Return the neuron that an arrow key leads to from another; null at the end. The inputs are no neurons. */
export function neighbour(plan: Plan, key: string, direction: Direction): Spot | null {
  const columns = plan.columns.slice(1);
  const home = columns.findIndex((column) => column.spots.some((spot) => keyOf(spot.layer, spot.neuron) === key));
  const column = columns[home];
  const at = column?.spots.findIndex((spot) => keyOf(spot.layer, spot.neuron) === key) ?? -1;
  const from = column?.spots[at];
  if (!column || !from) return columns[0]?.spots[0] ?? null;
  if (direction === "up") return column.spots[at - 1] ?? null;
  if (direction === "down") return column.spots[at + 1] ?? null;
  const beside = columns[home + (direction === "left" ? -1 : 1)]?.spots ?? [];
  return beside.reduce<Spot | null>(
    (best, spot) => (best && Math.abs(best.y - from.y) <= Math.abs(spot.y - from.y) ? best : spot),
    null,
  );
}
