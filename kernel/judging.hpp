// Judging: the cost of an example, and the error of the last layer: equations (3), (5), (15) to (18).
#pragma once

#include "neurons.hpp"

namespace glassnet::GLASSNET_ISA {

inline Vector wanted(int label, std::size_t first) {
    return ascending() == label - static_cast<int>(first) ? broadcast(1.0f) : Vector{};
}

// max(z, 0) - y z + ln(1 + e^-|z|), added up: equation (15). One logarithm is taken of the product of 32 terms.
inline float binary_cross_entropy(const float* weighted, int n_out, int label) {
    double cost = label < n_out ? -weighted[label] : 0.0, factor = 1.0;
    for (int j = 0; j < n_out; j++) {
        cost += weighted[j] > 0 ? weighted[j] : 0.0;
        factor *= 1.0 + std::exp(-std::fabs(static_cast<double>(weighted[j])));
        if (j % 32 == 31 || j + 1 == n_out) cost += std::log(factor), factor = 1.0;
    }
    return static_cast<float>(cost);
}

// The sum of the squares, and the error of outputs that are independent or, by softmax, shares of one whole.
inline float judged_by_squares(Activation output, int n_out, int label, const float* a, float* delta) {
    Vector squares{};
    Vector pulled{};  // sum_k a_k dC/da_k, for softmax
    for (std::size_t j = 0; j < padded(n_out); j += lanes) {
        const Vector off = mask_of(n_out, j) * (load(a + j) - wanted(label, j));
        squares += off * off;
        store(delta + j, 2.0f * off);
        pulled += load(a + j) * 2.0f * off;
    }
    const bool shares = output == Activation::softmax;
    const float pull = shares ? sum(pulled) : 0;
    for (std::size_t j = 0; j < padded(n_out); j += lanes) {
        const Vector activation = load(a + j), given = load(delta + j);
        store(delta + j, shares ? mask_of(n_out, j) * activation * (given - pull) : given * slope(output, activation));
    }
    return sum(squares);
}

// The cost of one example; writes its error into `delta`, and for softmax its activations into `a`.
inline float judged(const Shape& shape, int label, const float* weighted, float* a, float* delta) {
    const int n_out = shape.sizes.back();
    float log_of_sum = 0;
    if (shape.output == Activation::softmax) log_of_sum = softmax_row(weighted, n_out, a);
    if (shape.cost == Cost::quadratic) return judged_by_squares(shape.output, n_out, label, a, delta);
    const bool shares = shape.cost == Cost::categorical_cross_entropy;
    const float any = !shares || label < n_out ? 1.0f : 0.0f;  // the sum of what is wanted
    for (std::size_t j = 0; j < padded(n_out); j += lanes)
        store(delta + j, mask_of(n_out, j) * (load(a + j) * any - wanted(label, j)));
    if (!shares) return binary_cross_entropy(weighted, n_out, label);
    return label < n_out ? log_of_sum - weighted[label] : 0.0f;
}

}  // namespace glassnet::GLASSNET_ISA
