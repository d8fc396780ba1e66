// Reading: images through a network, a few at a time so that everything stays in the cache.
#pragma once

#include "descent.hpp"

namespace glassnet::GLASSNET_ISA {

constexpr std::size_t read_at_once = 48;

// The inked pixels of an image as places and numbers; returns how many, a multiple of ink_group.
inline std::size_t marks_of_image(const std::uint8_t* image, int n_pixels, std::uint32_t* places, float* inks) {
    std::size_t n = 0;
#if GLASSNET_LANES == 16
    const __m512i ascending = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    for (int k = 0; k < n_pixels; k += 16) {
        const __mmask16 there = k + 16 <= n_pixels ? 0xffff : static_cast<__mmask16>((1u << (n_pixels - k)) - 1);
        const __m512i pixels = _mm512_cvtepu8_epi32(_mm_maskz_loadu_epi8(there, image + k));
        const __mmask16 inked = _mm512_test_epi32_mask(pixels, pixels);
        const __m512i rows = _mm512_slli_epi32(_mm512_add_epi32(ascending, _mm512_set1_epi32(k)), 6);
        // all sixteen are written, and those that are no ink written over by the next
        _mm512_storeu_si512(places + n, _mm512_maskz_compress_epi32(inked, rows));
        _mm512_storeu_ps(inks + n, _mm512_maskz_compress_ps(inked, _mm512_cvtepi32_ps(pixels)));
        n += static_cast<std::size_t>(__builtin_popcount(inked));
    }
#else
    for_each_ink(image, n_pixels, [&](int k) {
        places[n] = static_cast<std::uint32_t>(k) * row_bytes;
        inks[n] = image[k];
        n += image[k] != 0;
    });
#endif
    const std::size_t whole = marks_up(n);
    for (std::size_t i = n; i < whole; i++) places[i] = 0, inks[i] = 0;
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
    for (const std::size_t whole = marks_up(n); n < whole; n++) places[n] = 0, inks[n] = 0;
    return n;
}

class Reader {
 public:
    explicit Reader(const Reading& reading) : d(reading), shape(*reading.shape), most(std::min(read_at_once, d.n)) {
        const std::size_t n_pixels = shape.n_in(0);
        marks = Marks(most, n_pixels + block);
        stride = marks.stride;
        std::size_t widest = 0;
        for (std::size_t l = 0; l < shape.n_layers(); l++) widest = std::max<std::size_t>(widest, shape.n_out(l));
        for (Rows& rows : layers) rows = Rows(most, widest);
    }

    void run(int member, int team_size) {
        const std::size_t groups = (d.n + most - 1) / most;
        const Share mine(groups, member, team_size);
        for (std::size_t group = mine.first; group < mine.last; group++)
            read(group * most, std::min(most, d.n - group * most));
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
