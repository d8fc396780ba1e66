// Held: what is kept from one call to the next, whoever calls: digits that are ready to learn from, and a descent under
// way. Nothing is checked here: module.cpp does that for Python, and the WebAssembly module (wasm.cpp) is loaded by a
// page of our own.
#pragma once

#include "engine.hpp"

namespace glassnet {

// Training digits.
struct HeldDigits {
    Ink ink;
    std::vector<std::uint8_t> labels;

    HeldDigits(const Engine& engine, const std::uint8_t* images, const std::uint8_t* labels, std::size_t n,
               std::size_t n_pixels, int threads)
        : labels(labels, labels + n) {
        ink.n_images = n;
        ink.n_pixels = static_cast<int>(n_pixels);
        engine.gather_ink(images, ink, threads);
    }
};

// Mini-batches to take, and how: see Descent.
struct Steps {
    const std::int64_t* order;
    std::size_t n, mini_batch_size;
    const float* rates;
    float momentum;
    double l2;
    float weight_decay;
    double beta_1, beta_2, epsilon;
    float average;
    std::int64_t n_steps_before;
    float* costs;
    int threads;
};

// A network that learns, what its optimizer remembers, and its running average; what is not needed is empty.
struct HeldRun {
    Shape shape;
    Optimizer optimizer;
    Parameters network, first_moment, second_moment, running_average;

    void descend(const Engine& engine, const HeldDigits& digits, const Steps& steps) {
        const double n_training = static_cast<double>(digits.ink.n_images);
        engine.descend({&shape,
                        &digits.ink,
                        digits.labels.data(),
                        steps.order,
                        steps.n,
                        steps.mini_batch_size,
                        steps.rates,
                        optimizer,
                        steps.momentum,
                        static_cast<float>(2 * steps.l2 / n_training),
                        static_cast<float>(steps.l2 / n_training),
                        steps.weight_decay,
                        steps.beta_1,
                        steps.beta_2,
                        steps.epsilon,
                        steps.average,
                        steps.n_steps_before,
                        &network,
                        &first_moment,
                        &second_moment,
                        running_average.empty() ? nullptr : &running_average,
                        steps.costs,
                        steps.threads});
    }
};

}  // namespace glassnet
