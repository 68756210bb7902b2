package org.pilothouse.datasets.internal;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Licences that are known by their identifiers in the SPDX licence list. */
final class Licences {
  private static final String PLACE = "http://spdx.org/licenses/";

  private static final Map<String, String> KNOWN =
      Arrays.stream(
              """
              0BSD AFL-3.0 AGPL-3.0-only AGPL-3.0-or-later Apache-2.0 Artistic-2.0 BSD-2-Clause BSD-3-Clause BSL-1.0 C-UDA-1.0
              CC-BY-1.0 CC-BY-2.0 CC-BY-2.5 CC-BY-3.0 CC-BY-3.0-DE CC-BY-4.0 CC-BY-NC-3.0 CC-BY-NC-4.0 CC-BY-NC-ND-3.0 CC-BY-NC-ND-4.0
              CC-BY-NC-SA-3.0 CC-BY-NC-SA-4.0 CC-BY-ND-3.0 CC-BY-ND-4.0 CC-BY-SA-3.0 CC-BY-SA-4.0 CC-PDDC CC0-1.0 CDDL-1.0 CDDL-1.1
              CDLA-Permissive-1.0 CDLA-Permissive-2.0 CDLA-Sharing-1.0 DL-DE-BY-2.0 DL-DE-ZERO-2.0 ECL-2.0 EPL-1.0 EPL-2.0 EUPL-1.1
              EUPL-1.2 GFDL-1.3-only GFDL-1.3-or-later GPL-2.0-only GPL-2.0-or-later GPL-3.0-only GPL-3.0-or-later ISC LGPL-2.1-only
              LGPL-2.1-or-later LGPL-3.0-only LGPL-3.0-or-later MIT MIT-0 MPL-2.0 MS-PL NLOD-1.0 NLOD-2.0 O-UDA-1.0 ODC-By-1.0 ODbL-1.0
              OGL-Canada-2.0 OGL-UK-1.0 OGL-UK-2.0 OGL-UK-3.0 OSL-3.0 PDDL-1.0 Unlicense WTFPL Zlib etalab-2.0\
              """
                  .split("\\s+"))
          .collect(Collectors.toMap(id -> id.toLowerCase(Locale.ROOT), Function.identity()));

  private Licences() {}

  /** The IRI of the licence of that identifier, whose case does not count (SPDX 2.3, annex D). */
  static Optional<String> iri(String id) {
    return Optional.ofNullable(KNOWN.get(id.strip().toLowerCase(Locale.ROOT))).map(PLACE::concat);
  }
}
