// A team of threads that go through the same steps together, each doing its part of every step.
#pragma once

#include <atomic>
#include <exception>
#include <thread>
#include <vector>

#include "portable.hpp"

namespace glassnet {

#if GLASSNET_THREADS

class Team {
 public:
    explicit Team(int n) : n_(n), patience_(n <= n_processors() ? 4000 : 0) {}
    int size() const { return n_; }

    // Wait until all members are here. Steps take a few microseconds, so who waits looks again and again at first, if
    // every member can have a processor of its own; then it sleeps, for whoever is awaited may need the processor.
    void barrier() {
        if (n_ == 1) return;
        const unsigned round = round_.load(std::memory_order_relaxed);
        if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == n_) {
            arrived_.store(0, std::memory_order_relaxed);
            round_.store(round + 1, std::memory_order_release);
            round_.notify_all();
            return;
        }
        for (int looks = 0; round_.load(std::memory_order_acquire) == round; looks++) {
            if (looks < patience_)
                relax();
            else
                round_.wait(round, std::memory_order_acquire);
        }
    }

    // Run work() on one member while the others wait for it. Where it throws, all are told so by false, and `run`
    // throws the same once all have returned.
    template <typename Work>
    bool one_for_all(int member, Work work) {
        if (member == 0) try {
                work();
            } catch (...) {
                failure_ = std::current_exception();
            }
        barrier();
        return !failure_;
    }

    // Run work(member) on every member; the caller is member 0. Nobody begins before all are there, so that a system
    // with no more threads to give causes an error and not an endless wait.
    template <typename Work>
    void run(Work work) {
        std::vector<std::thread> others;
        std::atomic<int> word{wait};
        const auto start = [&](int member) {
            word.wait(wait);
            if (word.load() == go) work(member);
        };
        const auto say = [&](int what) {
            word.store(what);
            word.notify_all();
        };
        try {
            others.reserve(n_ - 1);
            for (int member = 1; member < n_; member++) others.emplace_back(start, member);
        } catch (...) {
            say(stop);
            for (std::thread& other : others) other.join();
            throw;
        }
        say(go);
        work(0);
        for (std::thread& other : others) other.join();
        if (failure_) std::rethrow_exception(failure_);
    }

 private:
    static constexpr int wait = 0, go = 1, stop = 2;
    const int n_;
    const int patience_;  // looks, of some 40 nanoseconds, before a member goes to sleep
    std::exception_ptr failure_;
    std::atomic<int> arrived_{0};
    std::atomic<unsigned> round_{0};
};

#else

class Team {  // of one, who waits for nobody
 public:
    explicit Team(int) {}
    int size() const { return 1; }
    void barrier() {}
    template <typename Work>
    bool one_for_all(int, Work work) {
        return work(), true;
    }
    template <typename Work>
    void run(Work work) {
        work(0);
    }
};

#endif

// The items of one member of a team.
struct Share {
    std::size_t first, last;
    Share(std::size_t n, int member, int size) : first(n * member / size), last(n * (member + 1) / size) {}
};

}  // namespace glassnet
