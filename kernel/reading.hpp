// Reading: images through a network, a few at a time so that everything stays in the cache.
#pragma once

#include <array>
#include <atomic>

#include "descent.hpp"

namespace glassnet::GLASSNET_ISA {

// Images that go through the network together: many share the weights while they are in the cache, few share it with
// their own marks.
inline std::size_t read_at_once(const Shape& shape) {
    return std::size_t(shape.n_in(0)) * shape.n_out(0) > 65'536 ? 48 : 16;
}

// Fill up to a multiple of ink_group with marks of no ink.
inline std::size_t filled_up(std::size_t n, std::uint32_t* places, float* inks) {
    const std::size_t whole = marks_up(n);
    for (; n < whole; n++) places[n] = 0, inks[n] = 0;
    return whole;
}

#if GLASSNET_LANES == 16
// 64 pixels at a time: those that are inked are pressed together, and sixteen of them made into marks at a time.
__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi2"))) inline std::size_t pressed_marks(
    const std::uint8_t* image, int n_pixels, std::uint32_t* places, float* inks) {
    alignas(64) static constexpr auto ascending_bytes = [] {
        std::array<std::uint8_t, 64> bytes{};
        for (int i = 0; i < 64; i++) bytes[i] = static_cast<std::uint8_t>(i);
        return bytes;
    }();
    const __m512i own_places = _mm512_load_si512(ascending_bytes.data());
    std::size_t n = 0;
    for (int k = 0; k < n_pixels; k += 64) {
        const __mmask64 there = n_pixels - k >= 64 ? ~0ull : (1ull << (n_pixels - k)) - 1;
        const __m512i pixels = _mm512_maskz_loadu_epi8(there, image + k);
        const __mmask64 inked = _mm512_test_epi8_mask(pixels, pixels);
        const __m512i some_places = _mm512_maskz_compress_epi8(inked, own_places);
        const __m512i darknesses = _mm512_maskz_compress_epi8(inked, pixels);
        const int count = __builtin_popcountll(inked);
        const auto write = [&](int u, __m128i place_bytes, __m128i dark_bytes) __attribute__((always_inline)) {
            const Integers rows = ((Integers)_mm512_cvtepu8_epi32(place_bytes) + k) * static_cast<int>(row_bytes);
            std::memcpy(places + n + u, &rows, sizeof rows);
            const Vector ink = ink_of((Vector)_mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(dark_bytes)));
            std::memcpy(inks + n + u, &ink, sizeof ink);
        };
        // half of the 64 without asking how many there are: a branch less to be guessed wrongly; seldom are there more
        write(0, _mm512_castsi512_si128(some_places), _mm512_castsi512_si128(darknesses));
        write(16, _mm512_extracti32x4_epi32(some_places, 1), _mm512_extracti32x4_epi32(darknesses, 1));
        if (count > 32) {
            write(32, _mm512_extracti32x4_epi32(some_places, 2), _mm512_extracti32x4_epi32(darknesses, 2));
            write(48, _mm512_extracti32x4_epi32(some_places, 3), _mm512_extracti32x4_epi32(darknesses, 3));
        }
        n += count;
    }
    return n;
}
#endif

// The inked pixels of an image as places and numbers; returns how many, a multiple of ink_group.
inline std::size_t marks_of_image(const std::uint8_t* image, int n_pixels, std::uint32_t* places, float* inks) {
#if GLASSNET_LANES == 16
    static const bool can_press = __builtin_cpu_supports("avx512vbmi2");
    if (can_press) return filled_up(pressed_marks(image, n_pixels, places, inks), places, inks);
#endif
    std::size_t n = 0;
    for_each_ink(image, n_pixels, [&](int k) {
        places[n] = static_cast<std::uint32_t>(k) * row_bytes;
        inks[n] = image[k];
        n += image[k] != 0;
    });
    const std::size_t whole = filled_up(n, places, inks);
    for (std::size_t i = 0; i < whole; i += lanes) store(inks + i, ink_of(load(inks + i)));
    return whole;
}

inline std::size_t marks_of_numbers(const float* inputs, int n_pixels, std::uint32_t* places, float* inks) {
    std::size_t n = 0;
    for (int k = 0; k < n_pixels; k++) {
        places[n] = static_cast<std::uint32_t>(k) * row_bytes;
        inks[n] = inputs[k];
        n += inputs[k] != 0.0f;
    }
    return filled_up(n, places, inks);
}

class Reader {
 public:
    explicit Reader(const Reading& reading)
        : d(reading), shape(*reading.shape), most(std::min(read_at_once(shape), d.n)) {
        const std::size_t n_pixels = shape.n_in(0);
        marks = Marks(most, n_pixels + 4 * block);
        stride = marks.stride;
        std::size_t widest = 0;
        for (std::size_t l = 0; l < shape.n_layers(); l++) widest = std::max<std::size_t>(widest, shape.n_out(l));
        for (Rows& rows : layers) rows = Rows(most, widest);
    }

    // Every thread takes the next images as soon as it is free: one that comes late leaves more to the others.
    void run(std::atomic<std::size_t>& next) {
        for (std::size_t first; (first = next.fetch_add(most)) < d.n;) read(first, std::min(most, d.n - first));
    }

 private:
    void read(std::size_t first, std::size_t n) {
        const int n_pixels = shape.n_in(0);
        std::size_t total = 0;
        for (std::size_t i = 0; i < n; i++) {
            std::uint32_t* places = marks.places.data() + i * stride;
            float* inks = marks.inks.data() + i * stride;
            marks.counts[i] = static_cast<std::uint32_t>(
                d.images ? marks_of_image(d.images + (first + i) * n_pixels, n_pixels, places, inks)
                         : marks_of_numbers(d.inputs + (first + i) * n_pixels, n_pixels, places, inks));
            total += marks.counts[i];
        }
        const bool dense = n >= 8 && static_cast<double>(total) > dense_share * n * n_pixels;
        if (dense && numbers.stride == 0) numbers = Rows(most, n_pixels);
        const std::size_t n_layers = shape.n_layers();
        for (std::size_t l = 0; l < n_layers; l++) {
            const Activation kind = shape.activation(l);
            const std::size_t n_in = shape.n_in(l), blocks = n_blocks(shape.n_out(l)), by_block = n_in * block;
            const float* weights = d.network->weights[l].data();
            const float* biases = d.network->biases[l].data();
            Rows& to = layers[l % 2];
            if (l == 0 && !dense) {
                for (std::size_t b = 0; b < blocks; b++)
                    for (std::size_t i = 0; i < n; i++) {
                        Vector z[1][parts];
                        weigh<1>(weights + b * by_block, by_block, biases + b * block, marks.places.data() + i * stride,
                                 marks.inks.data() + i * stride, marks.counts[i], z);
                        for (int p = 0; p < parts; p++)
                            store(to.row(i) + b * block + p * lanes, activate(kind, z[0][p]));
                    }
            } else {
                if (l == 0) spread(n);
                const Rows& from = l ? layers[(l + 1) % 2] : numbers;
                product({from.data.data(), from.stride, 1}, {weights, by_block, block}, 0, n, 0, blocks, n_in,
                        [&](std::size_t i, std::size_t b, int p, Vector sum) {
                            const std::size_t j = b * block + p * lanes;
                            store(to.row(i) + j, activate(kind, sum + load(biases + j)));
                        });
            }
        }
        const int n_out = shape.n_out(n_layers - 1);
        Rows& outputs = layers[(n_layers - 1) % 2];
        for (std::size_t i = 0; i < n; i++) {
            if (shape.output == Activation::softmax) softmax_row(outputs.row(i), n_out, outputs.row(i));
            std::memcpy(d.outputs + (first + i) * n_out, outputs.row(i), sizeof(float) * n_out);
        }
    }

    // The marks as whole rows of inputs.
    void spread(std::size_t n) {
        for (std::size_t i = 0; i < n; i++) {
            float* row = numbers.row(i);
            std::fill(row, row + shape.n_in(0), 0.0f);
            for (std::size_t m = 0; m < marks.counts[i]; m++)
                if (const float ink = marks.inks[i * stride + m]; ink != 0.0f)
                    row[marks.places[i * stride + m] / row_bytes] = ink;
        }
    }

    const Reading& d;
    const Shape& shape;
    const std::size_t most;
    std::size_t stride;
    Marks marks;
    Rows numbers;
    Rows layers[2];
};

}  // namespace glassnet::GLASSNET_ISA
