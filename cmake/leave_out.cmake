# A part of glassnet that cannot be built here is left out, and never takes another with it. Why is kept: it is said at
# the end of the installation, and installed as glassnet/left_out/PART.txt, by which glassnet says so when it is missed
# (src/glassnet/left_out.py).

# Keep why `part` is left out: a clause without a full stop, and all that was told.
function(leave_out part reason told)
  string(REGEX REPLACE "[ \t\r\n]+" " " reason "${reason}")
  string(STRIP "${reason}" reason)
  file(WRITE "${LEFT_OUT}/${part}.txt" "${reason}\n")
  file(WRITE "${LEFT_OUT}/${part}.log" "${told}")
  message("${told}\nglassnet: no ${part}, because ${reason}")
endfunction()

# A clause out of what a failed command told: what CMake or the compiler call an error, the first one.
function(reason_in told reason)
  set(found "it could not be built")
  if(told MATCHES "does not support toolset specification|find any instance of Visual Studio|build tools for ClangCL")
    set(found "there is no Clang of Visual Studio here")
  elseif(told MATCHES "No CMAKE_CXX_COMPILER could be found|CMAKE_CXX_COMPILER: *\n* *[^\n]*\n+ *is not a full path")
    set(found "there is no C++ compiler here")
  elseif(told MATCHES "(The C\\+\\+ compiler[^\"]*\"[^\"]*\"[^\"]*is not able to compile a simple test program)")
    string(REGEX REPLACE "^The" "the" found "${CMAKE_MATCH_1}")
  elseif(told MATCHES "CMake Error at [^\n]*\\(message\\):\n+([^\n]*(\n  [^\n]+)*)")
    set(found "${CMAKE_MATCH_1}")
  elseif(told MATCHES "([^\n]*[eE]rror:[^\n]*)")
    set(found "this failed: ${CMAKE_MATCH_1}")
  elseif(told MATCHES "(npm (ERR!|error) [^\n]*)")
    set(found "this failed: ${CMAKE_MATCH_1}")
  elseif(told MATCHES "([^\n]*(CMake Error|FAILED)[^\n]*)")
    set(found "this failed: ${CMAKE_MATCH_1}")
  endif()
  set(${reason} "${found}" PARENT_SCOPE)
endfunction()

# Begin anew: nothing is left out of `part` so far, and `folder` is empty.
function(begin_part part folder)
  file(REMOVE "${LEFT_OUT}/${part}.txt" "${LEFT_OUT}/${part}.log")
  file(REMOVE_RECURSE "${folder}")
  file(MAKE_DIRECTORY "${LEFT_OUT}" "${folder}")
endfunction()
