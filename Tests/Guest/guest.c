/* A guest that writes its memory in a set way and says which pages it dirtied, slot by slot.
 *
 * What was dirty is not taken from the loop that writes: paging is on with 4 KiB pages, the
 * processor sets the dirty bit of every page that is written, and at the end of each slot the
 * guest walks its page tables, prints the runs of dirty pages on the serial port as
 * "slot first count", clears the bits and flushes the translations. Its own stack, data and page
 * tables are pages like any other.
 *
 * Command line, key=number:  M memory in MiB (at most 512)  T ticks of 4 ms per slot  N slots
 *   P pattern: 1 sequential, 2 uniform, 3 hot and cold, 4 the last two in turn, 25 slots each
 *   R page writes per second  W working set in pages, from 4 MiB on
 *   H hot set in pages  Q per mille of the writes that go there  S seed
 */
typedef unsigned int word;
typedef unsigned short half;
typedef unsigned char byte;

enum { base = 0x400000, pageBytes = 4096, dirtyBit = 0x40, tickRate = 250 };

extern void onTick(void);
extern volatile word ticks;

static inline void out(half port, byte value) {
  __asm__ volatile("outb %0, %1" ::"a"(value), "Nd"(port));
}
static inline byte in(half port) {
  byte value;
  __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
  return value;
}
static inline void wait(void) { __asm__ volatile("hlt"); }

/* The serial port: text out, nothing in. */
static void printByte(char c) {
  while (!(in(0x3fd) & 0x20)) {}
  out(0x3f8, (byte)c);
}
static void print(const char *text) {
  while (*text) printByte(*text++);
}
static void printNumber(word value) {
  char digits[11];
  int place = 10;
  digits[place] = 0;
  do digits[--place] = (char)('0' + value % 10); while (value /= 10);
  print(digits + place);
}

/* The value of " key=number" on the command line. */
static word option(const char *line, char key, word otherwise) {
  for (; line && *line; line++) {
    if (line[0] != ' ' || line[1] != key || line[2] != '=') continue;
    word value = 0;
    for (line += 3; *line >= '0' && *line <= '9'; line++) value = value * 10 + (word)(*line - '0');
    return value;
  }
  return otherwise;
}

/* Marsaglia's xorshift; below(n) is uniform up to n / 2^32. */
static word state;
static word randomWord(void) {
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return state;
}
static word below(word n) { return (word)(((unsigned long long)randomWord() * n) >> 32); }

/* Interrupts: the timer alone, 250 times a second, through the remapped controller. */
static struct { half low, selector; byte zero, type; half high; } __attribute__((packed)) gates[33];
static void startTimer(void) {
  word handler = (word)onTick;
  gates[32].low = (half)handler;
  gates[32].high = (half)(handler >> 16);
  gates[32].selector = 8;
  gates[32].type = 0x8e;
  struct { half limit; word where; } __attribute__((packed)) place = {sizeof gates - 1, (word)gates};
  __asm__ volatile("lidt %0" ::"m"(place));
  static const byte set[][2] = {{0x20, 0x11}, {0xa0, 0x11}, {0x21, 0x20}, {0xa1, 0x28}, {0x21, 4},
                                {0xa1, 2},    {0x21, 1},    {0xa1, 1},    {0x21, 0xfe}, {0xa1, 0xff}};
  for (word i = 0; i < sizeof set / 2; i++) out(set[i][0], set[i][1]);
  word divisor = 1193182 / tickRate;
  out(0x43, 0x34);
  out(0x40, (byte)divisor);
  out(0x40, (byte)(divisor >> 8));
  __asm__ volatile("sti");
}

/* Paging: every page where it is, present and writable. */
static word directory[1024] __attribute__((aligned(4096)));
static word pages[512 * 256] __attribute__((aligned(4096)));
static void flush(void) { __asm__ volatile("movl %0, %%cr3" ::"r"(directory) : "memory"); }
static void startPaging(word count) {
  for (word page = 0; page < count; page++) pages[page] = page * pageBytes | 3;
  for (word i = 0; i * 1024 < count; i++) directory[i] = (word)(pages + i * 1024) | 3;
  flush();
  __asm__ volatile("movl %%cr0, %%eax\n orl $0x80000000, %%eax\n movl %%eax, %%cr0" ::: "eax");
}

/* Prints and clears what the processor marked. */
static void endSlot(word slot, word count) {
  word first = 0, length = 0, printed = 0;
  for (word page = 0; page <= count; page++) {
    int isDirty = page < count && (pages[page] & dirtyBit);
    if (isDirty) {
      pages[page] &= ~(word)dirtyBit;
      if (!length++) first = page;
    } else if (length) {
      printNumber(slot);
      printByte(' ');
      printNumber(first);
      printByte(' ');
      printNumber(length);
      printByte('\n');
      length = 0;
      printed = 1;
    }
  }
  if (!printed) {
    printNumber(slot);
    print(" 0 0\n");
  }
  flush();
}

void run(word *multiboot) {
  const char *line = (const char *)multiboot[4];
  word count = option(line, 'M', 64) * 256, ticksPerSlot = option(line, 'T', 25);
  word slots = option(line, 'N', 10), pattern = option(line, 'P', 2), rate = option(line, 'R', 1000);
  word set = option(line, 'W', 1024), hot = option(line, 'H', 16), share = option(line, 'Q', 900);
  state = option(line, 'S', 1) * 2654435761u + 88172645u;
  if (!state) state = 1;
  out(0x3f9, 0);
  out(0x3fb, 3);
  out(0x3fa, 0xc7);
  startTimer();
  startPaging(count);
  for (word page = 0; page < count; page++) pages[page] &= ~(word)dirtyBit;
  flush();

  word last = ticks, sweep = 0, debt = 0, slot = 0, slotTicks = 0;
  while (slot < slots) {
    wait();
    word passed = ticks - last;
    last += passed;
    debt += passed * rate;
    for (; debt >= tickRate; debt -= tickRate) {
      word mode = pattern == 4 ? 2 + (slot / 25 & 1) : pattern;
      word page = mode == 1 ? sweep : mode == 3 && below(1000) < share ? below(hot) : below(set);
      sweep = sweep + 1 < set ? sweep + 1 : 0;
      *(volatile word *)(base + page * pageBytes + (randomWord() & 0xffc)) = state;
    }
    slotTicks += passed;
    while (slotTicks >= ticksPerSlot && slot < slots) {
      slotTicks -= ticksPerSlot;
      endSlot(slot++, count);
    }
  }
  print("end\n");
}
