// What a network is to the kernel: its shape, and its parameters in blocks of sixteen neurons.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "portable.hpp"

namespace glassnet {

constexpr int block = 16;  // neurons that lie beside each other in memory, whatever the instruction set

enum class Activation { sigmoid, tanh, relu, softmax };
enum class Cost { quadratic, binary_cross_entropy, categorical_cross_entropy };
enum class Optimizer { sgd, momentum, adamw };

inline std::size_t n_blocks(std::size_t n) { return (n + block - 1) / block; }
inline std::size_t padded(std::size_t n) { return n_blocks(n) * block; }

// Zeroed memory that begins at a cache line; large buffers lie in large pages where the system has them.
template <typename T>
class Buffer {
 public:
    Buffer() = default;
    explicit Buffer(std::size_t size) : size_(size) {
        const std::size_t bytes = size * sizeof(T), unit = bytes >= large_page ? large_page : 64;
        const std::size_t whole = bytes ? (bytes + unit - 1) / unit * unit : unit;
        data_ = Owned(static_cast<T*>(aligned_memory(whole, unit)), Free{unit});
        std::memset(static_cast<void*>(data_.get()), 0, whole);
    }
    T* data() { return data_.get(); }
    const T* data() const { return data_.get(); }
    T& operator[](std::size_t i) { return data_.get()[i]; }
    const T& operator[](std::size_t i) const { return data_.get()[i]; }
    std::size_t size() const { return size_; }

 private:
    struct Free {
        std::size_t unit = 0;
        void operator()(T* memory) const { free_aligned(memory, unit); }
    };
    using Owned = std::unique_ptr<T, Free>;
    Owned data_;
    std::size_t size_ = 0;
};

struct Shape {
    std::vector<int> sizes;  // neurons of each layer, the inputs first
    Activation hidden, output;
    Cost cost;

    std::size_t n_layers() const { return sizes.size() - 1; }
    int n_in(std::size_t layer) const { return sizes[layer]; }
    int n_out(std::size_t layer) const { return sizes[layer + 1]; }
    Activation activation(std::size_t layer) const { return layer + 1 == n_layers() ? output : hidden; }
};

// Weights and biases, or whatever is shaped like them. The weights of sixteen neurons to one neuron before them lie
// beside each other: weights[l][(b * n_in + k) * 16 + i] runs from k to 16 b + i; what is beyond the last neuron is 0.
struct Parameters {
    std::vector<Buffer<float>> weights, biases;

    Parameters() = default;
    Parameters(Parameters&&) = default;
    Parameters& operator=(Parameters&&) = default;
    explicit Parameters(const Shape& shape) {
        for (std::size_t l = 0; l < shape.n_layers(); l++) {
            weights.emplace_back(n_blocks(shape.n_out(l)) * shape.n_in(l) * block);
            biases.emplace_back(padded(shape.n_out(l)));
        }
    }
    bool empty() const { return weights.empty(); }
};

// Convert between rows of neurons (n_out, n_in), as everybody else has weights, and blocks.
inline void into_blocks(const float* rows, int n_out, int n_in, float* blocks) {
    for (int j = 0; j < n_out; j++) {
        float* to = blocks + std::size_t(j / block) * n_in * block + j % block;
        for (int k = 0; k < n_in; k++) to[std::size_t(k) * block] = rows[std::size_t(j) * n_in + k];
    }
}

inline void out_of_blocks(const float* blocks, int n_out, int n_in, float* rows) {
    for (int j = 0; j < n_out; j++) {
        const float* from = blocks + std::size_t(j / block) * n_in * block + j % block;
        for (int k = 0; k < n_in; k++) rows[std::size_t(j) * n_in + k] = from[std::size_t(k) * block];
    }
}

}  // namespace glassnet
