package dromedary.bench;

/** Counts a round's messages, and says how long it took from its first line to the last acknowledgement. */
final class Rounds {
  private final int size;
  private int received;
  private int acknowledged;
  private long start;

  Rounds(int size) {
    this.size = size;
  }

  synchronized void received() {
    if (received++ == 0) start = System.nanoTime();
  }

  synchronized void acknowledged() {
    if (++acknowledged < size) return;
    long nanoseconds = System.nanoTime() - start;
    System.out.println("round " + acknowledged + " " + nanoseconds);
    received = 0;
    acknowledged = 0;
  }

  void failed(Throwable why) {
    System.out.println("error " + why);
  }
}
