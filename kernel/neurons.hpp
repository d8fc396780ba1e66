// Neurons: what they make of their weighted inputs, and rows of them.
#pragma once

#include <cmath>

#include "lanes.hpp"
#include "network.hpp"

namespace glassnet::GLASSNET_ISA {

inline Vector activate(Activation kind, Vector z) {
    switch (kind) {
        case Activation::sigmoid: return sigmoid(z);
        case Activation::tanh: return tanh(z);
        case Activation::relu: return larger(z, Vector{});
        case Activation::softmax: break;  // works on whole rows
    }
    return z;
}

inline Vector slope(Activation kind, Vector a) {
    switch (kind) {
        case Activation::sigmoid: return a * (1.0f - a);
        case Activation::tanh: return 1.0f - a * a;
        case Activation::relu: return a > Vector{} ? broadcast(1.0f) : Vector{};
        case Activation::softmax: break;
    }
    return broadcast(1.0f);
}

// 1 for the neurons of a layer, 0 for what fills up its last block.
inline Vector mask_of(int n, std::size_t first) {
    return ascending() < n - static_cast<int>(first) ? broadcast(1.0f) : Vector{};
}

// Shares of one row, equation (14); z beyond n is not looked at. Returns ln(sum(exp(z - largest))) + largest.
inline float softmax_row(const float* z, int n, float* a) {
    float largest = z[0];
    for (int j = 1; j < n; j++) largest = z[j] > largest ? z[j] : largest;
    Vector total{};
    for (std::size_t j = 0; j < padded(n); j += lanes) {
        const Vector e = mask_of(n, j) * exp(load(z + j) - largest);
        store(a + j, e);
        total += e;
    }
    const float whole = sum(total);
    for (std::size_t j = 0; j < padded(n); j += lanes) store(a + j, load(a + j) / whole);
    return std::log(whole) + largest;
}

// Rows of numbers, one for each example, a little apart: rows as long as a power of two would all fall into the
// same cache lines.
struct Rows {
    Buffer<float> data;
    std::size_t stride = 0;

    Rows() = default;
    Rows(std::size_t n, std::size_t width) : data(n * (padded(width) + block)), stride(padded(width) + block) {}
    float* row(std::size_t i) { return data.data() + i * stride; }
    const float* row(std::size_t i) const { return data.data() + i * stride; }
};

}  // namespace glassnet::GLASSNET_ISA
