-- | Counts what was seen.
module Census (census) where

import qualified Data.Map.Strict as Map

-- | How often each word of a list of sightings is in it, in the order of the words.
census :: String -> [(String, Int)]
census sightings = Map.toList (Map.fromListWith (+) [(bird, 1) | bird <- words sightings])
