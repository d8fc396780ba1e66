// Helpers: threads that stay, for work of a few milliseconds, for which newly made threads would start too late.
#pragma once

#include <functional>

#include "portable.hpp"

#if GLASSNET_THREADS
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>
#endif

namespace glassnet {

#if GLASSNET_THREADS

class Helpers {
 public:
    // Those of this process: a forked child has none of its parent's threads, and gets helpers of its own.
    static Helpers& of_this_process();

    // Run work(member) on the caller, which is member 0, and on up to n - 1 helpers that come in time. A helper that
    // sleeps is called, but nobody waits for it: the work must be such that those who are there can do all of it. Where
    // the helpers are busy for another caller, or the system has no thread to give, the caller works alone.
    void run(int n, const std::function<void(int)>& work);

 private:
    void help();

    std::mutex one_caller_;
    std::vector<std::thread::native_handle_type> threads_;
    std::atomic<int> most_{0};  // helpers that may join the present job
    const std::function<void(int)>* work_ = nullptr;
    // The present job: its number, whether it may still be joined, and how many have: one word, so that a helper cannot
    // join what has just been closed.
    std::atomic<unsigned> job_{0};
    std::atomic<unsigned> left_{0};  // helpers that have joined and have finished
    std::mutex failing_;
    std::exception_ptr failure_;
};

#else

class Helpers {  // nobody's
 public:
    static Helpers& of_this_process() {
        static Helpers nobody;
        return nobody;
    }
    void run(int, const std::function<void(int)>& work) { work(0); }
};

#endif

}  // namespace glassnet
