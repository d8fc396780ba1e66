// What every instruction set's copy of the engine can do.
#pragma once

#include <cstdint>

#include "ink.hpp"
#include "network.hpp"

namespace glassnet {

// A run of mini-batches.
struct Descent {
    const Shape* shape;
    const Ink* ink;
    const std::uint8_t* labels;  // (n_images); at or above n_out: every output should be off
    const std::int64_t* order;   // (n), the examples in this order
    std::size_t n;
    std::size_t mini_batch_size;
    const float* rates;  // (n_steps), one for each mini-batch
    Optimizer optimizer;
    float momentum, l2_slope, l2_cost;  // 2 l2 / n_training and l2 / n_training
    float weight_decay;
    double beta_1, beta_2, epsilon;  // AdamW's: equation (20)
    float average;
    std::int64_t n_steps_before;
    Parameters* network;
    Parameters* first_moment;   // empty for plain SGD
    Parameters* second_moment;  // empty but for AdamW
    Parameters* running_average;
    float* costs;  // (n), of each example before its step
    int threads;
};

struct Reading {
    const Shape* shape;
    const Parameters* network;
    const std::uint8_t* images;  // (n, n_pixels), or null
    const float* inputs;         // the same as numbers from 0 to 1, or null
    std::size_t n;
    float* outputs;  // (n, n_out)
    int threads;
};

constexpr int deform_source_side = 56, deform_box_side = 40, deform_field_side = 8;

// How one image is deformed; src/glassnet/recipes/knobs.py says what each means.
struct Knobs {
    float stroke_px, matrix[4], tail, elastic_px, kept[4], box_px, shift_px[2], gain, most, blur, grain, specks;
    std::uint32_t seed;
};
constexpr int n_knobs = sizeof(Knobs) / sizeof(float);

struct Deforming {
    const std::uint8_t* sources;  // (n_sources, 56, 56)
    const std::int64_t* which;    // (n), the source of each image
    const Knobs* knobs;           // (n)
    const float* fields;          // (n, 2, 8, 8)
    std::size_t n;
    std::uint8_t* images;  // (n, 28, 28)
    int threads;
};

// One example's way into a layer, in float64.
struct Summing {
    const float* rows;          // (n_in, n_out), the weights that lead out of each neuron before
    const double* activations;  // (n_in)
    const double* biases;       // (n_out)
    double* z;                  // (n_out)
    std::size_t n_in, n_out;
};

struct Engine {
    const char* name;
    void (*descend)(const Descent&);
    void (*read)(const Reading&);
    void (*gather_ink)(const std::uint8_t* images, Ink& ink, int threads);
    void (*deform)(const Deforming&);
    void (*sum)(const Summing&);
    void (*apply)(Activation activation, const float* z, float* a, std::size_t n);  // for tests of their rounding
};

#if defined(GLASSNET_X86)
namespace sse42 {
extern const Engine engine;
}
namespace avx2 {
extern const Engine engine;
}
namespace avx512 {
extern const Engine engine;
}
#elif defined(GLASSNET_ARM)
namespace neon {
extern const Engine engine;
}
#elif defined(GLASSNET_WASM)
namespace simd128 {
extern const Engine engine;
}
#endif

}  // namespace glassnet
