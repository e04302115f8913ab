package dromedary.bench;

/** What the routes leave behind, so that a window can prove that its work was done. One thread: plain fields. */
final class Counters {
  long seen;

  /** Reads the text, as a consumer would: JavaScript joins strings lazily, and a text that nobody reads costs it nothing. */
  void look(String text) {
    if (text.charAt(text.length() - 1) == 'n') seen++;
  }
}
