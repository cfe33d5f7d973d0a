module Main (main) where

import Census (census)

main :: IO ()
main = mapM_ line (census "wren robin robin owl wren robin")
  where
    line (bird, count) = putStrLn (bird ++ ": " ++ show count)
