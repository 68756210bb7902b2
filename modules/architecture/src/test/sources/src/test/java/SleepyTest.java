class SleepyTest {
  void shouldWait() throws InterruptedException {
    Thread.sleep(1000);
  }
}
