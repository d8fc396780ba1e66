// Stepping: what a gradient does to a parameter: equations (9), (19) and (20).
#pragma once

#include <cmath>

#include "engine.hpp"
#include "lanes.hpp"

namespace glassnet::GLASSNET_ISA {

class Stepping {
 public:
    Stepping(const Descent& descent, std::size_t step)
        : d(descent),
          rate(d.rates[step]),
          beta_1(static_cast<float>(d.beta_1)),
          beta_2(static_cast<float>(d.beta_2)),
          rest_1(static_cast<float>(1 - d.beta_1)),
          rest_2(static_cast<float>(1 - d.beta_2)),
          epsilon(static_cast<float>(d.epsilon)) {
        const double t = static_cast<double>(d.n_steps_before) + static_cast<double>(step) + 1;
        mean_scale = static_cast<float>(1 / (1 - std::pow(d.beta_1, t)));
        square_scale = static_cast<float>(1 / (1 - std::pow(d.beta_2, t)));
    }

    // A vector of parameters, and of what the optimizer keeps of earlier gradients of them.
    void step(Vector g, bool is_weight, float* parameter, float* mean, float* square) const {
        const Vector w = load(parameter);
        if (is_weight && d.l2_slope != 0) g += d.l2_slope * w;
        if (d.optimizer == Optimizer::sgd) {
            store(parameter, w - rate * g);
        } else if (d.optimizer == Optimizer::momentum) {
            const Vector velocity = d.momentum * load(mean) + g;
            store(mean, velocity);
            store(parameter, w - rate * velocity);
        } else {
            const Vector m = beta_1 * load(mean) + rest_1 * g, s = beta_2 * load(square) + rest_2 * (g * g);
            store(mean, m);
            store(square, s);
            const Vector scaled = s * square_scale;
            Vector root{};
            for (int u = 0; u < lanes; u++) root[u] = __builtin_sqrtf(scaled[u]);
            const Vector direction = m * mean_scale / (root + epsilon);
            store(parameter, (is_weight ? w * (1.0f - rate * d.weight_decay) : w) - rate * direction);
        }
    }

 private:
    const Descent& d;
    const float rate, beta_1, beta_2, rest_1, rest_2, epsilon;  // a rest is 1 - beta
    float mean_scale, square_scale;
};

}  // namespace glassnet::GLASSNET_ISA
