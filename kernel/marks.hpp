// Marks: the inked pixels of an image as places of rows of weights and numbers from 0 to 1, and the first layer on
// them.
#pragma once

#include "ink.hpp"
#include "lanes.hpp"

namespace glassnet::GLASSNET_ISA {

// The inked pixels of some images, ready for the first layer.
struct Marks {
    Buffer<std::uint32_t> places;  // bytes from a block's first row of weights to the pixel's
    Buffer<float> inks;            // pixel / 255
    std::vector<std::uint32_t> counts;

    Marks() = default;
    Marks(std::size_t n_images, std::size_t most_marks)
        : places(n_images * most_marks + block), inks(n_images * most_marks + block), counts(n_images) {}
};

constexpr std::uint32_t row_bytes = block * sizeof(float);

// v / 255, correctly rounded for every byte (the tests compare all 256): a product, and one correction of it.
inline float ink_of(float v) {
    const float quotient = v * (1.0f / 255);
    return quotient + __builtin_fmaf(-quotient, 255.0f, v) * (1.0f / 255);
}

// Write the inked pixels of an image; returns how many, filled up to a multiple of ink_group with marks of no ink.
inline std::size_t find_marks(const std::uint8_t* image, int n_pixels, std::uint16_t* places,
                              std::uint8_t* darknesses) {
    std::size_t n = 0;
    for (int k = 0; k < n_pixels; k++) {
        places[n] = static_cast<std::uint16_t>(k);
        darknesses[n] = image[k];
        n += image[k] != 0;
    }
    const std::size_t whole = marks_up(n);
    for (; n < whole; n++) places[n] = 0, darknesses[n] = 0;
    return whole;
}

inline void unpack_marks(const Ink& ink, std::size_t image, std::uint32_t* places, float* inks) {
    const std::size_t n = ink.counts[image];
    const std::uint8_t* packed = ink.marks.data() + ink.starts[image];
    const std::uint16_t* from = reinterpret_cast<const std::uint16_t*>(packed);
    const std::uint8_t* dark = packed + n * sizeof(std::uint16_t);
    for (std::size_t i = 0; i < n; i++) {
        places[i] = from[i] * row_bytes;
        inks[i] = ink_of(dark[i]);
    }
}

inline void prefetch_marks(const Ink& ink, std::size_t image) {
    const std::uint8_t* first = ink.marks.data() + ink.starts[image];
    const std::uint8_t* last = ink.marks.data() + ink.starts[image + 1];
    for (; first < last; first += 64) __builtin_prefetch(first);
}

inline const float* row_at(const float* weights, std::uint32_t place) {
    return reinterpret_cast<const float*>(reinterpret_cast<const char*>(weights) + place);
}

// The weighted inputs of `Blocks` blocks of neurons for one image: biases + the weights of its inked pixels.
template <int Blocks>
inline __attribute__((always_inline)) void weigh(const float* weights, std::size_t by_block, const float* biases,
                                                 const std::uint32_t* places, const float* inks, std::size_t n,
                                                 Vector (&z)[Blocks][parts]) {
    Vector sums[Blocks][parts][2];
#pragma GCC unroll 4
    for (int b = 0; b < Blocks; b++)
#pragma GCC unroll 4
        for (int p = 0; p < parts; p++) sums[b][p][0] = load(biases + b * block + p * lanes), sums[b][p][1] = Vector{};
    for (std::size_t i = 0; i < n; i += ink_group)
#pragma GCC unroll 4
        for (int u = 0; u < ink_group; u++) {
            const float* row = row_at(weights, places[i + u]);
            const Vector dark = broadcast(inks[i + u]);
#pragma GCC unroll 4
            for (int b = 0; b < Blocks; b++)
#pragma GCC unroll 4
                for (int p = 0; p < parts; p++) sums[b][p][u % 2] += dark * load(row + b * by_block + p * lanes);
        }
#pragma GCC unroll 4
    for (int b = 0; b < Blocks; b++)
#pragma GCC unroll 4
        for (int p = 0; p < parts; p++) z[b][p] = sums[b][p][0] + sums[b][p][1];
}

// Add `nudge` times the ink to the weights of the inked pixels: what one image asks of a block of neurons.
inline void nudge_rows(float* weights, const std::uint32_t* places, const float* inks, std::size_t n,
                       const Vector (&nudge)[parts]) {
    for (std::size_t i = 0; i < n; i++) {
        float* row = const_cast<float*>(row_at(weights, places[i]));
        const Vector dark = broadcast(inks[i]);
#pragma GCC unroll 4
        for (int p = 0; p < parts; p++) store(row + p * lanes, load(row + p * lanes) + dark * nudge[p]);
    }
}

}  // namespace glassnet::GLASSNET_ISA
