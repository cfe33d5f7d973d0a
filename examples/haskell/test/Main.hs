module Main (main) where

import Census (census)
import Control.Monad (unless)
import System.Exit (die)

check :: String -> [(String, Int)] -> IO ()
check sightings expected =
  unless (found == expected) $ die (show sightings ++ " gives " ++ show found)
  where
    found = census sightings

main :: IO ()
main = do
  check "" []
  check "wren robin wren" [("robin", 1), ("wren", 2)]
