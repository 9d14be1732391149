/** An example: its figures, and whether it is one of what is looked for. */
export interface Example {
  x: readonly number[];
  y: boolean;
}

/** A fitted model: log-odds = constant + Σ weights × figures. */
export interface Fitted {
  constant: number;
  weights: number[];
}

/** Keeps the weights of a few separable examples finite. */
const ridge = 0.01;
const steps = 2_000;

/** Logistic regression by gradient descent on standardised figures. */
export function regress(examples: readonly Example[]): Fitted {
  const count = examples.length;
  const size = examples[0]?.x.length ?? 0;
  const places = Array.from({ length: size }, (_, place) => place);
  const mean = places.map((place) => examples.reduce((sum, { x }) => sum + (x[place] ?? 0), 0) / count);
  const deviation = places.map((place) =>
    Math.sqrt(examples.reduce((sum, { x }) => sum + ((x[place] ?? 0) - (mean[place] ?? 0)) ** 2, 0) / count),
  );
  const rows = examples.map(({ x, y }) => ({
    z: places.map((place) => ((x[place] ?? 0) - (mean[place] ?? 0)) / (deviation[place] || 1)),
    y: y ? 1 : 0,
  }));
  const weights = places.map(() => 0);
  let constant = 0;
  for (let step = 0; step < steps; step++) {
    const slopes = places.map(() => 0);
    let slope = 0;
    for (const { z, y } of rows) {
      const odds = z.reduce((sum, value, place) => sum + value * (weights[place] ?? 0), constant);
      const off = 1 / (1 + Math.exp(-odds)) - y;
      slope += off / count;
      for (const place of places) slopes[place] = (slopes[place] ?? 0) + (off * (z[place] ?? 0)) / count;
    }
    constant -= slope;
    for (const place of places) {
      const weight = weights[place] ?? 0;
      weights[place] = weight - ((slopes[place] ?? 0) + ridge * weight);
    }
  }
  const scaled = weights.map((weight, place) => weight / (deviation[place] || 1));
  return {
    constant: constant - scaled.reduce((sum, weight, place) => sum + weight * (mean[place] ?? 0), 0),
    weights: scaled,
  };
}

/** The probability that a fitted model gives. 0 to 1. */
export function probability({ constant, weights }: Fitted, x: readonly number[]): number {
  const odds = weights.reduce((sum, weight, place) => sum + weight * (x[place] ?? 0), constant);
  return 1 / (1 + Math.exp(-odds));
}
