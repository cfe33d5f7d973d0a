package garden;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.apache.commons.text.WordUtils;
import org.apache.commons.text.similarity.LevenshteinDistance;

/** Reads the names of birds as they were scribbled down in the field. */
public final class Ringing {
  private static final int TOLERATED = 2;
  private static final List<String> BIRDS = Arrays.asList("blue tit", "great tit", "starling", "wren");

  private Ringing() {}

  /** The bird that is meant, with capitals; nothing when no bird's name is like it. */
  public static Optional<String> read(String scribbled) {
    String wanted = scribbled.toLowerCase();
    LevenshteinDistance distance = new LevenshteinDistance();
    return BIRDS.stream()
        .filter(bird -> distance.apply(bird, wanted) <= TOLERATED)
        .min(Comparator.comparing(bird -> distance.apply(bird, wanted)))
        .map(WordUtils::capitalize);
  }

  public static void main(String[] arguments) {
    for (String scribbled : Arrays.asList("Bluetitt", "GREAT TIT", "starlng", "heron")) {
      System.out.println(scribbled + ": " + read(scribbled).orElse("unknown"));
    }
  }
}
