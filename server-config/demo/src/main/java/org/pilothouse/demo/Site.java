package org.pilothouse.demo;

import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;

/** A partner of the simulated consortium with its machines. */
record Site(String pilot, String name, ZoneId zone, List<Twin> twins) {
  private record Place(String pilot, String name, String zone) {}

  private static final List<Place> PLACES =
      List.of(
          new Place("aurora", "Aurora", "Europe/Rome"),
          new Place("borealis", "Borealis Wind", "Europe/Oslo"),
          new Place("cascade", "Cascade Water", "America/Los_Angeles"),
          new Place("delta", "Delta Chemicals", "Europe/Amsterdam"),
          new Place("equinox", "Equinox Storage", "Australia/Sydney"),
          new Place("fjord", "Fjord Energy", "Europe/Oslo"),
          new Place("granite", "Granite Mills", "America/New_York"),
          new Place("harbour", "Harbour Logistics", "Asia/Singapore"));

  /** The same number and seed give the same sites. */
  static List<Site> consortium(int pilots, int twins, long seed, Instant start) {
    List<Site> sites = new ArrayList<>();
    for (int i = 0; i < pilots; i++) {
      Place place = PLACES.get(i % PLACES.size());
      String pilot =
          i < PLACES.size() ? place.pilot() : place.pilot() + "-" + (i / PLACES.size() + 1);
      ZoneId zone = ZoneId.of(place.zone());
      List<Twin> machines = new ArrayList<>();
      Machine.Kind[] kinds = Machine.Kind.values();
      for (int j = 0; j < twins; j++) {
        machines.add(
            new Twin(pilot, kinds[j % kinds.length], j / kinds.length + 1, zone, seed, start));
      }
      sites.add(new Site(pilot, place.name(), zone, List.copyOf(machines)));
    }
    return List.copyOf(sites);
  }
}
