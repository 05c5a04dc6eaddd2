namespace System.Runtime.CompilerServices;

/// <summary>Required by the compiler for <c>init</c>; missing in netstandard2.0.</summary>
internal static class IsExternalInit;
