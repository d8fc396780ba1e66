// Ink: which pixels of an image are on, and how dark. A pixel that is off has activation 0, so that its weights neither
// add anything nor get a nudge (3Blue1Brown, Neural networks, chapter 3): only the ink is ever touched.
#pragma once

#include "network.hpp"

namespace glassnet {

constexpr int ink_group = 4;  // an image's marks are padded to a multiple of this with marks without ink

// All images of a set, each as its marks, a sparse vector: the places of its nonzero pixels, and how dark they are.
// Where more than `dense_share` of all pixels are inked, the images are kept whole instead (`dense`), since a matrix
// product over all pixels then takes less time.
struct Ink {
    std::size_t n_images = 0;
    int n_pixels = 0;
    bool dense = false;
    std::vector<std::uint64_t> starts;  // (n_images + 1), bytes into `marks`
    std::vector<std::uint32_t> counts;  // (n_images), marks, a multiple of ink_group
    Buffer<std::uint8_t> marks;         // of each image: counts[i] places (uint16), then counts[i] darknesses (uint8)
    Buffer<std::uint8_t> images;        // (n_images, n_pixels), where dense
    std::size_t most_marks = 0;
};

constexpr double dense_share = 0.4;
constexpr int most_pixels = 65536;  // a place is a uint16

inline std::size_t marks_up(std::size_t n) { return (n + ink_group - 1) / ink_group * ink_group; }

}  // namespace glassnet
