// How fast a hand-written loop is: workload W2 by the engine's contract, and nothing that W2 does not need.
//
//     g++ -O3 -march=native -o loop loop.cpp && ./loop FOLDER REPEATS
//
// FOLDER holds the arrays that sim/bench/w2.py describes.  Leaves begun.i8 and agent.i4 there (-1: abandoned) and prints, as
// JSON, how many contacts there were, the share that abandoned, and the CPU seconds of every repeat.
//
// Whole milliseconds.  At one instant: ends of service by contact, then leaving and joining as listed, then arrivals.  A
// contact takes the agent idle for longest; an agent takes the contact that came first.  Who has waited longer than its
// patience is found when somebody would take it, so patience makes no events.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

using Time = std::int64_t;
using Row = std::int32_t;

constexpr Time FOREVER = std::numeric_limits<Time>::max();
constexpr Row NONE = -1;

template <class Value>
std::vector<Value> load(const std::string& name) {
    std::ifstream file(name, std::ios::binary);
    if (!file) throw std::runtime_error("cannot read " + name);
    const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    const Value* first = reinterpret_cast<const Value*>(bytes.data());
    return std::vector<Value>(first, first + bytes.size() / sizeof(Value));
}

template <class Value>
void save(const std::string& name, const std::vector<Value>& values) {
    std::ofstream file(name, std::ios::binary);
    file.write(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(Value));
    if (!file.flush()) throw std::runtime_error("cannot write " + name);
}

struct Workload {
    explicit Workload(const std::string& folder)
        : arrive(load<Time>(folder + "/arrive.i8")),
          effort(load<Time>(folder + "/effort.i8")),
          patience(load<Time>(folder + "/patience.i8")),
          type(load<Row>(folder + "/type.i4")),
          skill(load<Row>(folder + "/skill.i4")),
          duty_time(load<Time>(folder + "/duty_time.i8")),
          duty_turn(load<Row>(folder + "/duty_turn.i4")),
          duty_agent(load<Row>(folder + "/duty_agent.i4")) {
        const auto shape = load<Row>(folder + "/shape.i4");
        agents = shape.at(0), types = shape.at(1), skills = shape.at(2);
    }

    std::vector<Time> arrive, effort, patience;
    std::vector<Row> type, skill;
    std::vector<Time> duty_time;
    std::vector<Row> duty_turn, duty_agent;  // 0 leaves, 1 joins
    Row agents, types, skills;
};

// Ends of service, the earliest on top, those of one instant by contact.  Beyond the last lies an end that never comes, so
// that a lone child needs no case of its own.
class Ends {
public:
    struct End {
        Time time;
        Row contact, agent;
        bool operator<(const End& other) const { return time < other.time || (time == other.time && contact < other.contact); }
    };

    explicit Ends(Row most) : tree(most + 3, End{FOREVER, NONE, NONE}) {}

    const End& top() const { return tree[1]; }

    void add(const End& end) {
        std::size_t hole = ++size;
        for (; hole > 1 && end < tree[hole / 2]; hole /= 2) tree[hole] = tree[hole / 2];
        tree[hole] = end;
    }

    void replace_top(const End& end) {
        std::size_t hole = 1;
        for (std::size_t child = 2; child <= size; child = 2 * hole) {
            child += tree[child + 1] < tree[child];
            if (!(tree[child] < end)) break;
            tree[hole] = tree[child];
            hole = child;
        }
        tree[hole] = end;
    }

    void drop_top() {
        const End last = tree[size];
        tree[size--] = End{FOREVER, NONE, NONE};
        if (size) replace_top(last);
    }

private:
    std::vector<End> tree;  // from 1 on
    std::size_t size = 0;
};

class Hub {
public:
    Hub(const Workload& work, Time* begun, Row* agent, Row* behind)
        : work(work), begun(begun), agent(agent), behind(behind), ends(work.agents), first(work.types, NONE),
          last(work.types, NONE), longest_idle(work.types, NONE), latest_idle(work.types, NONE),
          after(work.agents * work.skills), before(after.size()), on_duty(work.agents, 0), in_hand(work.agents, 0) {}

    void play() {
        const std::size_t contacts = work.arrive.size(), duties = work.duty_time.size();
        std::size_t duty = 0, contact = 0;
        for (;;) {
            const Time end = ends.top().time;
            const Time turn = duty < duties ? work.duty_time[duty] : FOREVER;
            const Time arrival = contact < contacts ? work.arrive[contact] : FOREVER;
            if (arrival < end && arrival < turn) {
                arrive(arrival, contact++);
            } else if (turn < end) {
                work.duty_turn[duty] ? join(turn, work.duty_agent[duty]) : leave(work.duty_agent[duty]);
                duty++;
            } else if (end < FOREVER) {
                finish(end, ends.top().agent);
            } else {
                break;
            }
        }
        for (const Row head : first)
            for (Row contact = head; contact != NONE; contact = behind[contact]) give_up(contact);
    }

private:
    void arrive(Time now, Row contact) {
        const Row type = work.type[contact];
        const Row seat = longest_idle[type];
        if (seat != NONE) {
            const Row who = seat / work.skills;
            rouse(who);
            in_hand[who] = 1;
            ends.add(begin(now, contact, who));
            return;
        }
        behind[contact] = NONE;
        if (first[type] == NONE)
            first[type] = contact;
        else
            behind[last[type]] = contact;
        last[type] = contact;
    }

    void finish(Time now, Row who) {
        const Row contact = on_duty[who] ? next_for(now, who) : NONE;
        if (contact != NONE) {
            ends.replace_top(begin(now, contact, who));
            return;
        }
        ends.drop_top();
        in_hand[who] = 0;
        if (on_duty[who]) rest(who);
    }

    void join(Time now, Row who) {
        on_duty[who] = 1;
        if (in_hand[who]) return;  // still in overtime
        const Row contact = next_for(now, who);
        if (contact == NONE) {
            rest(who);
        } else {
            in_hand[who] = 1;
            ends.add(begin(now, contact, who));
        }
    }

    void leave(Row who) {
        on_duty[who] = 0;
        if (!in_hand[who]) rouse(who);
    }

    Ends::End begin(Time now, Row contact, Row who) {
        begun[contact] = now;
        agent[contact] = who;
        return {now + work.effort[contact], contact, who};
    }

    void give_up(Row contact) { begun[contact] = agent[contact] = NONE; }

    // Takes out of its queue the contact that has waited longest for one of the agent's types.
    Row next_for(Time now, Row who) {
        Row oldest = std::numeric_limits<Row>::max(), of = NONE;
        const Row* const types = &work.skill[who * work.skills];
        for (Row skill = 0; skill < work.skills; skill++) {
            const Row type = types[skill];
            Row contact = first[type];
            while (contact != NONE && now - work.arrive[contact] > work.patience[contact]) {
                give_up(contact);
                contact = behind[contact];
            }
            first[type] = contact;
            if (contact != NONE && contact < oldest) oldest = contact, of = type;
        }
        if (of == NONE) return NONE;
        first[of] = behind[oldest];
        return oldest;
    }

    // Idle agents stand in a list for each of their types, longest idle first; a seat is an agent's place in one of them.
    void rest(Row who) {
        for (Row seat = who * work.skills, end = seat + work.skills; seat < end; seat++) {
            const Row type = work.skill[seat], latest = latest_idle[type];
            before[seat] = latest;
            after[seat] = NONE;
            (latest == NONE ? longest_idle[type] : after[latest]) = seat;
            latest_idle[type] = seat;
        }
    }

    void rouse(Row who) {
        for (Row seat = who * work.skills, end = seat + work.skills; seat < end; seat++) {
            const Row type = work.skill[seat], older = before[seat], newer = after[seat];
            (older == NONE ? longest_idle[type] : after[older]) = newer;
            (newer == NONE ? latest_idle[type] : before[newer]) = older;
        }
    }

    const Workload& work;
    Time* const begun;
    Row *const agent, *const behind;  // behind: who came to wait next, of the same type
    Ends ends;
    std::vector<Row> first, last;                 // by type: contacts that wait
    std::vector<Row> longest_idle, latest_idle;  // by type: seats of agents
    std::vector<Row> after, before;              // by seat
    std::vector<char> on_duty, in_hand;
};

int main(int count, char** words) {
    if (count != 3) {
        std::fprintf(stderr, "usage: loop FOLDER REPEATS\n");
        return 2;
    }
    const std::string folder = words[1];
    const Workload work(folder);
    const std::size_t contacts = work.arrive.size();
    std::vector<Time> begun(contacts);
    std::vector<Row> agent(contacts), behind(contacts);
    std::string seconds;
    for (int repeat = std::atoi(words[2]); repeat > 0; repeat--) {
        const std::clock_t start = std::clock();
        Hub(work, begun.data(), agent.data(), behind.data()).play();
        seconds += (seconds.empty() ? "" : ", ") + std::to_string(double(std::clock() - start) / CLOCKS_PER_SEC);
    }
    save(folder + "/begun.i8", begun);
    save(folder + "/agent.i4", agent);
    std::size_t abandoned = 0;
    for (const Row who : agent) abandoned += who == NONE;
    std::printf("{\"contacts\": %zu, \"abandoned\": %.6f, \"seconds\": [%s]}\n", contacts, double(abandoned) / contacts,
                seconds.c_str());
}
