package garden;

import com.google.gson.Gson;
import com.google.gson.annotations.SerializedName;
import java.util.List;

/** Sums up what was eaten at a feeder, from JSON to JSON. */
public final class Feeder {
  private static final Gson JSON = new Gson();

  private Feeder() {}

  private static final class Visit {
    String bird;
    int grams;
  }

  private static final class Day {
    final int visits;

    @SerializedName("total_grams")
    final int totalGrams;

    Day(List<Visit> visits) {
      this.visits = visits.size();
      this.totalGrams = visits.stream().mapToInt(visit -> visit.grams).sum();
    }
  }

  /** The summary of a day's visits: a JSON array of objects with {@code bird} and {@code grams}. */
  public static String summary(String visits) {
    return JSON.toJson(new Day(List.of(JSON.fromJson(visits, Visit[].class))));
  }

  public static void main(String[] arguments) {
    System.out.println(
        summary("[{\"bird\":\"wren\",\"grams\":2},{\"bird\":\"starling\",\"grams\":9}]"));
  }
}
