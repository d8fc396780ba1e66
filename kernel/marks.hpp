// Marks: the inked pixels of an image as places of rows of weights and numbers from 0 to 1, and the first layer on
// them.
#pragma once

#include "ink.hpp"
#include "lanes.hpp"

namespace glassnet::GLASSNET_ISA {

// The inked pixels of some images, ready for the first layer.
struct Marks {
    std::size_t stride = 0;        // marks from one image to the next
    Buffer<std::uint32_t> places;  // bytes from a block's first row of weights to the pixel's
    Buffer<float> inks;            // pixel / 255
    std::vector<std::uint32_t> counts;

    std::uint32_t* places_of(std::size_t i) { return places.data() + i * stride; }
    float* inks_of(std::size_t i) { return inks.data() + i * stride; }

    Marks() = default;
    Marks(std::size_t n_images, std::size_t most_marks)
        : stride(padded(most_marks)), places(n_images * stride), inks(n_images * stride), counts(n_images) {}
};

constexpr std::uint32_t row_bytes = block * sizeof(float);

// v / 255, correctly rounded for every byte, as the tests see for all 256: a division would take four times as long.
// The quotient is corrected by its rest, which is exact, since 255 q is taken as 256 q - q: both are.
inline Vector ink_of(Vector v) {
    const Vector quotient = v * (1.0f / 255), above = quotient * 256.0f;
    const Vector rest = (v - above) + quotient;
    return quotient + rest * (1.0f / 255);
}

// Call each(pixel) for all pixels of an image that may be inked, in order; eight that are off are passed over at once.
template <typename Each>
inline void for_each_ink(const std::uint8_t* image, int n_pixels, Each each) {
    int k = 0;
    for (; k + 8 <= n_pixels; k += 8) {
        std::uint64_t eight;
        std::memcpy(&eight, image + k, sizeof eight);
        if (eight == 0) continue;
        for (int u = 0; u < 8; u++) each(k + u);
    }
    for (; k < n_pixels; k++) each(k);
}

// Write the inked pixels of an image; returns how many, filled up to a multiple of ink_group with marks of no ink.
inline std::size_t find_marks(const std::uint8_t* image, int n_pixels, std::uint16_t* places,
                              std::uint8_t* darknesses) {
    std::size_t n = 0;
    for_each_ink(image, n_pixels, [&](int k) {  // without a branch: the next one writes over what is no ink
        places[n] = static_cast<std::uint16_t>(k);
        darknesses[n] = image[k];
        n += image[k] != 0;
    });
    const std::size_t whole = marks_up(n);
    for (; n < whole; n++) places[n] = 0, darknesses[n] = 0;
    return whole;
}

// Sixteen at a time, so that no rest is left to be done one by one: what is read and written beyond the last mark is
// never looked at.
inline void unpack_marks(const Ink& ink, std::size_t image, std::uint32_t* places, float* inks) {
    const std::size_t n = ink.counts[image];
    const std::uint8_t* packed = ink.marks.data() + ink.starts[image];
    const std::uint16_t* from = reinterpret_cast<const std::uint16_t*>(packed);
    const std::uint8_t* dark = packed + n * sizeof(std::uint16_t);
    for (std::size_t i = 0; i < n; i += lanes) {
        *reinterpret_cast<Integers*>(places + i) = widen(from + i) * static_cast<int>(row_bytes);
        store(inks + i, ink_of(__builtin_convertvector(widen(dark + i), Vector)));
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
    constexpr int chains = lanes == 4 ? 2 : 4;  // sums that do not wait for each other
    Vector sums[Blocks][parts][chains] = {};
#pragma GCC unroll 4
    for (int b = 0; b < Blocks; b++)
#pragma GCC unroll 4
        for (int p = 0; p < parts; p++) sums[b][p][0] = load(biases + b * block + p * lanes);
    for (std::size_t i = 0; i < n; i += ink_group)
#pragma GCC unroll 4
        for (int u = 0; u < ink_group; u++) {
            const float* row = row_at(weights, places[i + u]);
            const Vector dark = broadcast(inks[i + u]);
#pragma GCC unroll 4
            for (int b = 0; b < Blocks; b++)
#pragma GCC unroll 4
                for (int p = 0; p < parts; p++) sums[b][p][u % chains] += dark * load(row + b * by_block + p * lanes);
        }
#pragma GCC unroll 4
    for (int b = 0; b < Blocks; b++)
#pragma GCC unroll 4
        for (int p = 0; p < parts; p++) {
            z[b][p] = sums[b][p][0] + sums[b][p][1];
            for (int c = 2; c < chains; c++) z[b][p] += sums[b][p][c];
        }
}

// Add `nudge` times the ink to the weights of the inked pixels: what one image asks of a block of neurons.
inline void nudge_rows(float* weights, const std::uint32_t* places, const float* inks, std::size_t n,
                       const Vector (&nudge)[parts]) {
    const auto nudge_row = [&](std::size_t i) __attribute__((always_inline)) {
        float* row = const_cast<float*>(row_at(weights, places[i]));
        const Vector dark = broadcast(inks[i]);
#pragma GCC unroll 4
        for (int p = 0; p < parts; p++) store(row + p * lanes, load(row + p * lanes) + dark * nudge[p]);
    };
    std::size_t i = 0;
    for (; i + ink_group <= n; i += ink_group)
#pragma GCC unroll 4
        for (int u = 0; u < ink_group; u++) nudge_row(i + u);
    for (; i < n; i++) nudge_row(i);
}

}  // namespace glassnet::GLASSNET_ISA
