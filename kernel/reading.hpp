// Reading: images through a network, a few at a time so that everything stays in the cache.
#pragma once

#include <atomic>

#include "engine.hpp"
#include "marks.hpp"
#include "neurons.hpp"
#include "tiles.hpp"

namespace glassnet::GLASSNET_ISA {

// How many images go through the network together: many make more use of weights while they are in the cache; few
// leave room in it for their own marks.
inline std::size_t read_at_once(const Shape& shape) {
    return std::size_t(shape.n_in(0)) * shape.n_out(0) > 65'536 ? 48 : 16;
}

inline std::size_t marks_of_numbers(const float* inputs, int n_pixels, std::uint16_t* places, float* inks) {
    std::size_t n = 0;
    for (int k = 0; k < n_pixels; k++) {
        places[n] = static_cast<std::uint16_t>(k);
        inks[n] = inputs[k];
        n += inputs[k] != 0.0f;
    }
    const std::size_t whole = marks_up(n);
    for (; n < whole; n++) places[n] = 0, inks[n] = 0;
    return whole;
}

class Reader {
 public:
    explicit Reader(const Reading& reading)
        : d(reading), shape(*reading.shape), most(std::min(read_at_once(shape), d.n)) {
        const std::size_t n_pixels = shape.n_in(0);
        stride = padded(n_pixels + beyond_marks);
        counts.resize(most);
        inks = Buffer<float>(most * stride);
        places = Buffer<std::uint16_t>(most * stride);
        darknesses = Buffer<std::uint8_t>(most * stride);
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
        // found for all images before any are widened: what has just been written byte by byte cannot be read back at
        // once in wider pieces
        for (std::size_t i = 0; i < n; i++) {
            const std::size_t image = (first + i) * n_pixels, mark = i * stride;
            counts[i] = d.images ? find_marks(d.images + image, n_pixels, &places[mark], &darknesses[mark])
                                 : marks_of_numbers(d.inputs + image, n_pixels, &places[mark], &inks[mark]);
            total += counts[i];
        }
        if (d.images)
            for (std::size_t i = 0; i < n; i++) widen_inks(&darknesses[i * stride], counts[i], &inks[i * stride]);
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
                        Vector z[parts];
                        sparse_product(weights + b * by_block, biases + b * block, &places[i * stride],
                                       &inks[i * stride], counts[i], z);
                        for (int p = 0; p < parts; p++) store(to.row(i) + b * block + p * lanes, activate(kind, z[p]));
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

    // Spread the marks out into whole rows of inputs.
    void spread(std::size_t n) {
        for (std::size_t i = 0; i < n; i++) {
            float* row = numbers.row(i);
            std::fill(row, row + shape.n_in(0), 0.0f);
            for (std::size_t m = i * stride; m < i * stride + counts[i]; m++)
                if (inks[m] != 0.0f) row[places[m]] = inks[m];
        }
    }

    const Reading& d;
    const Shape& shape;
    const std::size_t most;
    std::size_t stride;
    std::vector<std::size_t> counts;  // marks of each image, a multiple of ink_group
    Buffer<std::uint16_t> places;     // image i's begin at i * stride
    Buffer<std::uint8_t> darknesses;
    Buffer<float> inks;
    Rows numbers;
    Rows layers[2];
};

}  // namespace glassnet::GLASSNET_ISA
