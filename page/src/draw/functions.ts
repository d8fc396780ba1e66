/** How activation functions are written. */
export const FUNCTION_SIGNS: Record<string, string> = { sigmoid: "σ", relu: "ReLU", tanh: "tanh", softmax: "softmax" };
