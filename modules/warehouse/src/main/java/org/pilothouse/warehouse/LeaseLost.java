package org.pilothouse.warehouse;

/** Somebody else works on the day now; what is under way ends, and changes nothing any more. */
public final class LeaseLost extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public LeaseLost(RunClaim claim) {
    super("the lease of " + claim.pilot() + " " + claim.date() + " is another's, or over");
  }
}
