// The weighted sums of one example, in float64: what somebody looks at, number by number.
#pragma once

#include <cstddef>

#include "engine.hpp"

namespace glassnet::GLASSNET_ISA {

// z = W a + b. What is 0 is passed over, and its weights are not fetched from memory, which is what takes the time.
// Four rows at a time, so that z is fetched and stored a quarter as often.
inline void weighted_sums(const Summing& summing) {
    const std::size_t n_out = summing.n_out;
    double* z = summing.z;
    for (std::size_t j = 0; j < n_out; j++) z[j] = summing.biases[j];
    const float* rows[4];
    double amounts[4];
    std::size_t n_held = 0;
    for (std::size_t k = 0; k < summing.n_in; k++) {
        if (summing.activations[k] == 0) continue;
        rows[n_held] = summing.rows + k * n_out;
        amounts[n_held++] = summing.activations[k];
        if (n_held < 4) continue;
        n_held = 0;
        for (std::size_t j = 0; j < n_out; j++)
            z[j] +=
                amounts[0] * rows[0][j] + amounts[1] * rows[1][j] + amounts[2] * rows[2][j] + amounts[3] * rows[3][j];
    }
    for (std::size_t i = 0; i < n_held; i++)
        for (std::size_t j = 0; j < n_out; j++) z[j] += amounts[i] * rows[i][j];
}

}  // namespace glassnet::GLASSNET_ISA
